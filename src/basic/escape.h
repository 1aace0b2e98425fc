/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What becomes of a message on its way into a log. Paths and names in it come from a VM's definition or
 * from the header of an image, so whoever wrote those chose the bytes: a line break would forge a second
 * line, an escape sequence would talk to the terminal, and a character that turns the direction of
 * writing or takes no room would let a person read another path than the one that is there.
 */

#include <stdbool.h>
#include <stddef.h>

/* Bytes that are enough for any text of @length bytes, with the NUL: each may become "\ooo". */
#define ESCAPE_BYTES(length) (4 * (size_t)(length) + 1)

/**
 * escape_line:
 * @text: any bytes, ended by NUL
 * @out: gets one line of valid UTF-8, ended by NUL
 * @size: bytes of @out, at least one
 *
 * Writes each byte as a backslash and three octal digits that belongs to a control character (C0, DEL,
 * C1), to no valid UTF-8, or to a character that breaks the line, changes the direction or is not seen.
 * All else stays as it is, a backslash too: what has been escaped once goes through unchanged, and
 * whoever escapes twice does no harm. So the result is for people, and cannot be turned back.
 *
 * What does not fit is left out, never in the middle of a character or of a "\ooo".
 *
 * Returns: the bytes that the whole has without the NUL; @size or more: it was cut
 */
size_t escape_line(const char *text, char *out, size_t size);

/**
 * escape_next:
 * @at, @end: bytes, at least one
 * @octal: (out): whether escape_line() would write the first character, or byte that is none, in octal
 * Returns: how many bytes it has
 */
size_t escape_next(const char *at, const char *end, bool *octal);
