/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One character of UTF-8, whatever the locale: libc's own functions go by LC_CTYPE, and the launcher
 * sets no locale until it has something to say.
 */

#include <stddef.h>
#include <stdint.h>

/* The most bytes of one character. */
#define UTF8_BYTES 4

/**
 * utf8_decode:
 * @at, @end: the bytes to look at, at least one; none behind them is read
 * @character: (out): the character that they begin with
 * Strict, as RFC 3629 has it: no longer form than the shortest, no surrogate, nothing above U+10FFFF.
 * Returns: how many bytes the character has, or 0 where none begins here
 */
size_t utf8_decode(const char *at, const char *end, uint32_t *character);

/**
 * utf8_encode:
 * @character: a valid one
 * Returns: how many bytes of @out were written; no NUL is put behind them
 */
size_t utf8_encode(uint32_t character, char out[UTF8_BYTES]);
