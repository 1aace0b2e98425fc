/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/utf8.h"

#define CONTINUATION_MASK 0xc0
#define CONTINUATION      0x80

#define SURROGATES_FIRST 0xd800
#define SURROGATES_LAST  0xdfff
#define CHARACTER_MAX    0x10ffff

/* What the first byte says: how many there are, which bits of it count, and the first character that
 * does not fit in fewer. */
static const struct {
    uint8_t mask;
    uint8_t value;
    uint32_t least;
} forms[UTF8_BYTES] = {
    {0x80, 0x00, 0},
    {0xe0, 0xc0, 0x80},
    {0xf0, 0xe0, 0x800},
    {0xf8, 0xf0, 0x10000},
};

size_t
utf8_decode(const char *at, const char *end, uint32_t *character)
{
    uint8_t first = (uint8_t)*at;
    uint32_t found;
    size_t form = 0;

    while (form < UTF8_BYTES && (first & forms[form].mask) != forms[form].value)
        form++;
    if (form == UTF8_BYTES || (size_t)(end - at) <= form)
        return 0;
    found = first & (uint8_t)~forms[form].mask;
    for (size_t i = 1; i <= form; i++) {
        uint8_t byte = (uint8_t)at[i];

        if ((byte & CONTINUATION_MASK) != CONTINUATION)
            return 0;
        found = found << 6 | (byte & (uint8_t)~CONTINUATION_MASK);
    }
    if (found < forms[form].least || found > CHARACTER_MAX ||
        (found >= SURROGATES_FIRST && found <= SURROGATES_LAST))
        return 0;
    *character = found;
    return form + 1;
}

size_t
utf8_encode(uint32_t character, char out[UTF8_BYTES])
{
    size_t form = UTF8_BYTES - 1;

    while (character < forms[form].least)
        form--;
    for (size_t i = form; i > 0; i--) {
        out[i] = (char)(CONTINUATION | (character & (uint8_t)~CONTINUATION_MASK));
        character >>= 6;
    }
    out[0] = (char)(forms[form].value | character);
    return form + 1;
}
