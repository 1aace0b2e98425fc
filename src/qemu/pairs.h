/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * qemu: what the words of QEMU's command line say, as text. Pure: strings in, strings out. What the keys
 * mean is the model's.
 *
 * An argument is a list of keys and values: "file=/a,,b,format=raw", where two commas are one of the
 * value's, or a JSON object. QEMU takes {"file": {"driver": "nbd"}} and file.driver=nbd for the same, and so
 * do these pairs: a key is the dotted way to its value. (QEMU's util/qemu-option.c and util/keyval.c.)
 */

#include <glib.h>

typedef struct {
    char *key;
    char *value; /* "on" for a key without one; JSON's true and false are "on" and "off" */
} QemuPair;

/** qemu_pairs_new: Returns: (transfer full) (element-type QemuPair): an empty list */
GPtrArray *qemu_pairs_new(void);

/** qemu_pairs_add: appends copies of @key and @value to @pairs. */
void qemu_pairs_add(GPtrArray *pairs, const char *key, const char *value);

/**
 * qemu_pairs_parse:
 * @text: an argument, in either form
 * @implied: (nullable): the key of the first value, if that comes without one: "driver"
 * @error: says what is wrong with the JSON, or that there is too much of it (LIMIT_QEMU_PAIRS)
 * Returns: (transfer full) (element-type QemuPair): in the order of @text, a key that is there twice
 *   twice; or NULL with @error set
 */
GPtrArray *qemu_pairs_parse(const char *text, const char *implied, GError **error);

/**
 * qemu_pairs_get:
 * Returns: (transfer none) (nullable): the value of @key, the last where there are more, as for QEMU
 */
const char *qemu_pairs_get(GPtrArray *pairs, const char *key);

/** qemu_pairs_is_on: whether @key is there and says yes, in one of the ways that QEMU takes. */
gboolean qemu_pairs_is_on(GPtrArray *pairs, const char *key);
