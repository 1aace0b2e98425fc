/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * JSON as QEMU's "json:" file names use it, read into one flat table.
 *
 * QEMU takes {"file": {"driver": "nbd"}} and {"file.driver": "nbd"} for the same thing, so a member is
 * filed under the dotted path to it, and both spellings come out alike. Objects have an entry of
 * their own; what is inside arrays is checked and dropped.
 */

#include <glib.h>

#include "basic/json.h"

typedef struct {
    JsonToken type; /* JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER or JSON_WORD */
    char *text;     /* a string's value, a number or word as it is written; else NULL */
} FlatMember;

/**
 * flat_read:
 * @text: one JSON object, NUL-terminated; memory is bounded by a multiple of its length
 *
 * Returns: (transfer full): dotted path → FlatMember, or NULL where @text is no JSON by basic/json.h,
 *   has a key twice in either spelling, a path of more than 256 bytes, or is nested deeper than 32
 *   levels
 */
GHashTable *flat_read(const char *text);

/**
 * flat_get:
 * Returns: (transfer none) (nullable): the member @name of the object at @path ("" is the outermost)
 *   if it has type @type
 */
const FlatMember *flat_get(GHashTable *members, const char *path, const char *name, JsonToken type);
