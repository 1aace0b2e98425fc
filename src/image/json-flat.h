/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * JSON as QEMU's "json:" file names use it, read into one flat table.
 *
 * QEMU takes {"file": {"driver": "nbd"}} and {"file.driver": "nbd"} for the same thing, so a member is
 * filed under the dotted path to it, and both spellings come out alike. Objects have an entry of
 * their own; what is inside arrays is checked and dropped.
 *
 * A reader of our own, because no other fits in a short-lived root program that meets such a name in
 * one image of thousands: json-glib brings GObject and GIO, json-c one more library to load in every
 * run, and neither knows of dots. The grammar is RFC 8259's, strictly: QEMU refuses what is not.
 */

#include <glib.h>

typedef enum {
    JSON_STRING,
    JSON_NUMBER,
    JSON_LITERAL, /* true, false, null */
    JSON_OBJECT,
    JSON_ARRAY,
} JsonType;

typedef struct {
    JsonType type;
    char *text; /* a string's value, a number as it is written; else NULL */
} JsonMember;

/**
 * json_flatten:
 * @text: one JSON object, NUL-terminated; memory is bounded by a multiple of its length
 *
 * Returns: (transfer full): dotted path → JsonMember, or NULL where @text is not valid, is not UTF-8,
 *   has a key twice in either spelling, a "\u0000", a path of more than 256 bytes, or is nested
 *   deeper than 32 levels
 */
GHashTable *json_flatten(const char *text);

/**
 * json_get:
 * Returns: (transfer none) (nullable): the member @name of the object at @path ("" is the outermost)
 *   if it has type @type
 */
const JsonMember *json_get(GHashTable *members, const char *path, const char *name, JsonType type);
