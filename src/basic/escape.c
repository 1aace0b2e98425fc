/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/escape.h"

#include <string.h>

#include "basic/utf8.h"

/* Bytes of "\ooo". */
#define OCTAL_BYTES 4

/*
 * Characters that are no text: Unicode's categories Cc, Zl and Zp, and those of Cf that a file's name has
 * no use for. The joiners U+200C and U+200D are not among them, as Persian and many symbols are written
 * with them.
 */
static const struct {
    uint32_t first;
    uint32_t last;
} hidden[] = {
    {0x00, 0x1f},       {0x7f, 0x9f}, {0xad, 0xad}, /* soft hyphen */
    {0x61c, 0x61c},                                 /* Arabic letter mark */
    {0x180e, 0x180e},                               /* Mongolian vowel separator */
    {0x200b, 0x200b},                               /* space of no width */
    {0x200e, 0x200f},                               /* marks of direction */
    {0x2028, 0x202e},   /* line, paragraph, embeddings and overrides of direction */
    {0x2060, 0x206f},   /* joiners that are not seen, isolates of direction, old controls */
    {0xfeff, 0xfeff},   /* byte order mark */
    {0xfff9, 0xfffb},   /* annotations between lines */
    {0xe0000, 0xe007f}, /* tags */
};

static bool
is_hidden(uint32_t character)
{
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        if (character >= hidden[i].first && character <= hidden[i].last)
            return true;
    return false;
}

static void
put_octal(char *out, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned byte = (unsigned char)bytes[i];

        *out++ = '\\';
        *out++ = (char)('0' + (byte >> 6));
        *out++ = (char)('0' + (byte >> 3 & 7));
        *out++ = (char)('0' + (byte & 7));
    }
}

size_t
escape_line(const char *text, char *out, size_t size)
{
    const char *end = text + strlen(text);
    size_t written = 0;
    size_t needed = 0;

    while (text < end) {
        bool octal;
        size_t n = escape_next(text, end, &octal);
        size_t room = octal ? n * OCTAL_BYTES : n;

        /* once something is left out, so is all behind it: no text with a hole */
        if (written == needed && room < size - written) {
            if (octal)
                put_octal(out + written, text, n);
            else
                memcpy(out + written, text, n);
            written += room;
        }
        needed += room;
        text += n;
    }
    out[written] = '\0';
    return needed;
}

size_t
escape_next(const char *at, const char *end, bool *octal)
{
    uint32_t character;
    size_t n = utf8_decode(at, end, &character);

    *octal = n == 0 || is_hidden(character);
    return n ? n : 1;
}
