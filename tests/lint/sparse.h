/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What sparse is told of byte order: libbpf's macros are casts to it, these are functions that take network order. The
 * guard is that of libbpf's bpf_endian.h.
 */
#ifndef __BPF_ENDIAN__
#define __BPF_ENDIAN__

#include <linux/types.h>

static inline __u16 bpf_ntohs(__be16 value)
{
	return (__u16)(__attribute__((force)) __u16)value;
}

static inline __u32 bpf_ntohl(__be32 value)
{
	return (__u32)(__attribute__((force)) __u32)value;
}

#endif
