/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xml: text in the character data and attributes of XML 1.0.
 */
#ifndef BASE_XML_H
#define BASE_XML_H

#include "base/text.h"

/*
 * Appends up to LEN bytes, stopping at a NUL, so that they are text there and nothing else: & < > " ' become
 * entities; bytes that are no UTF-8, characters that XML has not, and what utf8_is_control() says, U+FFFD.
 */
void xml_text(struct text *text, const char *bytes, size_t len);

#endif
