/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * http: libmicrohttpd, loaded when something is to be served. GnuTLS and eight more come with it, which would take longer
 * to start than all else that happens before the first system call of ours.
 */
#ifndef HTTP_H
#define HTTP_H

#include <microhttpd.h>

#define HTTP_FUNCTIONS(F)                                                                          \
	F(add_response_header)                                                                     \
	F(create_response_from_buffer)                                                             \
	F(destroy_response)                                                                        \
	F(get_connection_info)                                                                     \
	F(get_daemon_info)                                                                         \
	F(get_timeout)                                                                             \
	F(lookup_connection_value)                                                                 \
	F(queue_response)                                                                          \
	F(run)                                                                                     \
	F(start_daemon)                                                                            \
	F(stop_daemon)

/* MHD_name() is http.name(), once it is loaded. */
#define HTTP_POINTER(name) typeof(&MHD_##name) name; /* NOLINT(bugprone-macro-parentheses) */
struct http {
	HTTP_FUNCTIONS(HTTP_POINTER)
};
extern struct http http;

/* Loads it, for as long as the process lives. Returns 0, or -ELIBACC: it is not there, or is another one; log_detail() has what
 * the loader says. */
int http_load(void);

#endif
