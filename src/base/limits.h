/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Every amount that input controls, with the reason for its size.
 */

/* Bytes of domain XML, template, profile or rules file: libvirt's MAX_FILE_LEN. */
#define LIMIT_FILE_BYTES 10485760

/* Layers of a backing chain: libvirt passes 200 to virStorageSourceGetMetadata(), QEMU's own bound. */
#define LIMIT_CHAIN_DEPTH 200

/* Bytes read from the start of an image: libvirt's VIR_STORAGE_MAX_HEADER. */
#define LIMIT_IMAGE_HEADER_BYTES 0x8200

/* Bytes of a host path: what the kernel takes. */
#define LIMIT_PATH_BYTES 4096

/* Devices of one kind: far more than QEMU has slots, little enough that nothing grows without end. */
#define LIMIT_DEVICES 65536

/* Milliseconds to wait for another call for the same VM: a compile on a loaded host, many times over,
 * and less than libvirt's own 30 second job time-out, so that the message is ours. */
#define LIMIT_LOCK_WAIT_MS 25000

/* Milliseconds that apparmor_parser may run: the largest known profile takes seconds under emulation. */
#define LIMIT_PARSER_MS 120000

/* Bytes of the parser's messages that are repeated to the person. */
#define LIMIT_PARSER_MESSAGE_BYTES 8192

/* Bytes between the quotes of a rule: apparmor_parser 3.0 to 5.0 read no more than 16380; the rest is
 * for the pattern that may follow. */
#define LIMIT_RULE_PATH_BYTES 16350
