/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What matters of a vhost-user description, the JSON files in which distributions say which daemons they
 * have (QEMU's docs/interop/vhost-user.json): "type" and "binary" of the top object. The rest is checked
 * and passed over.
 */

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a description: libvirt's DOCUMENT_SIZE in qemu_vhost_user.c. */
#define DESCRIPTION_MAX_BYTES 1048576

/* Objects and arrays inside one another, within the top object: real descriptions have two. */
#define DESCRIPTION_MAX_DEPTH 64

/**
 * description_parse:
 * @text: the document, @length bytes, without NUL at the end
 * @type, @binary: (out) (nullable) (transfer full): the strings, or NULL where there is no such key
 * Returns: whether @text is JSON, an object at the top, and the two keys are there once at most and are
 *   strings
 */
bool description_parse(const char *text, size_t length, char **type, char **binary);
