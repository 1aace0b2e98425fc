/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The two strings that matter in a vhost-user description: "type" and "binary" of its top object.
 *
 * A reader of our own, because the launcher has libc only, and because little of JSON is needed: the
 * rest of the document is checked and skipped. It is strict (RFC 8259, no duplicate of the two keys,
 * no NUL in them) and bounded, and has no recursion.
 */

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a description: libvirt's DOCUMENT_SIZE in qemu_vhost_user.c. */
#define JSON_MAX_BYTES 1048576

/* Objects and arrays inside one another: real descriptions have three. */
#define JSON_MAX_DEPTH 64

/**
 * json_vhost_user:
 * @text: the document, @length bytes, without NUL at the end
 * @type, @binary: (out) (nullable) (transfer full): the strings, or NULL where there is no such key
 * Returns: whether @text is JSON, an object at the top, and the two keys are strings where they exist
 */
bool json_vhost_user(const char *text, size_t length, char **type, char **binary);
