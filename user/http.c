// SPDX-License-Identifier: GPL-2.0-only
#include "http.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

#include "base/log.h"

struct http http;

#define HTTP_NAME(name) {"MHD_" #name, offsetof(struct http, name)},

int http_load(void)
{
	static const struct {
		const char *name;
		size_t at;
	} functions[] = {HTTP_FUNCTIONS(HTTP_NAME)};
	void *library = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
	void *function = library;

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]) && function; i++) {
		function = dlsym(library, functions[i].name);
		*(void **)((char *)&http + functions[i].at) = function;
	}
	if (function)
		return 0;
	log_detail("%s", dlerror());
	return -ELIBACC;
}
