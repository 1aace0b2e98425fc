/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Image headers byte by byte, so that a hostile one is exactly as meant. Each function appends to, or
 * returns, a GByteArray; names may be NULL for none.
 */

#include <glib.h>
#include <string.h>

#define EXT_END            0x00000000U
#define EXT_BACKING_FORMAT 0xe2792acaU
#define EXT_DATA_FILE      0x44415441U
#define EXT_UNKNOWN        0x6803f857U

static inline void
put_text(GByteArray *out, const char *text)
{
    g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static inline void
put_be(GByteArray *out, guint64 value, guint width)
{
    while (width-- > 0) {
        guint8 byte = (guint8)(value >> (8 * width));

        g_byte_array_append(out, &byte, 1);
    }
}

static inline void
put_le(GByteArray *out, guint64 value, guint width)
{
    for (guint i = 0; i < width; i++) {
        guint8 byte = (guint8)(value >> (8 * i));

        g_byte_array_append(out, &byte, 1);
    }
}

static inline void
pad_to(GByteArray *out, guint size)
{
    while (out->len < size)
        put_be(out, 0, 1);
}

/* Overwrites @width bytes at @at. */
static inline void
set_be(GByteArray *out, guint at, guint64 value, guint width)
{
    for (guint i = 0; i < width; i++)
        out->data[at + i] = (guint8)(value >> (8 * (width - 1 - i)));
}

static inline void
put_extension(GByteArray *out, guint32 type, const char *text)
{
    put_be(out, type, 4);
    put_be(out, strlen(text), 4);
    put_text(out, text);
    pad_to(out, (out->len + 7) / 8 * 8);
}

typedef struct {
    guint version; /* 0: 3 */
    const char *backing;
    const char *backing_format;
    const char *data_file; /* sets the incompatible bit as well */
} Qcow2;

static inline GByteArray *
build_qcow2(const Qcow2 *image)
{
    guint version = image->version ? image->version : 3;
    GByteArray *out = g_byte_array_new();

    put_text(out, "QFI\xfb");
    put_be(out, version, 4);
    put_be(out, 0, 8);
    put_be(out, image->backing ? strlen(image->backing) : 0, 4);
    put_be(out, 16, 4);
    put_be(out, 1 << 30, 8);
    pad_to(out, 72);
    if (version != 2) {
        put_be(out, image->data_file ? 4 : 0, 8);
        pad_to(out, 96);
        put_be(out, 4, 4);
        put_be(out, 104, 4);
    }
    if (image->backing_format)
        put_extension(out, EXT_BACKING_FORMAT, image->backing_format);
    if (image->data_file)
        put_extension(out, EXT_DATA_FILE, image->data_file);
    put_extension(out, EXT_END, "");
    if (image->backing) {
        set_be(out, 8, out->len, 8);
        put_text(out, image->backing);
    }
    return out;
}

static inline GByteArray *
build_qcow(const char *backing)
{
    GByteArray *out = g_byte_array_new();

    put_text(out, "QFI\xfb");
    put_be(out, 1, 4);
    put_be(out, backing ? 48 : 0, 8);
    put_be(out, backing ? strlen(backing) : 0, 4);
    put_be(out, 0, 4);
    put_be(out, 1 << 30, 8);
    pad_to(out, 48);
    if (backing)
        put_text(out, backing);
    return out;
}

static inline GByteArray *
build_qed(const char *backing, guint64 features)
{
    GByteArray *out = g_byte_array_new();

    put_text(out, "QED");
    pad_to(out, 16);
    put_le(out, features, 8);
    pad_to(out, 48);
    put_le(out, 1 << 30, 8);
    put_le(out, 64, 4);
    put_le(out, strlen(backing), 4);
    put_text(out, backing);
    return out;
}

/* @descriptor: the text of the embedded descriptor */
static inline GByteArray *
build_vmdk(const char *descriptor)
{
    GByteArray *out = g_byte_array_new();

    put_text(out, "KDMV");
    put_le(out, 1, 4);
    put_le(out, 3, 4);
    put_le(out, 1 << 21, 8);
    pad_to(out, 0x200);
    put_text(out, descriptor);
    return out;
}

static inline GByteArray *
build_cow(const char *backing)
{
    GByteArray *out = g_byte_array_new();

    put_text(out, "OOOM");
    put_be(out, 2, 4);
    put_text(out, backing);
    pad_to(out, 1048);
    return out;
}
