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

/* Bytes read of a VMDK image that is a text: QEMU reads a megabyte, which is 20,000 extents. */
#define LIMIT_VMDK_TEXT_BYTES 1048576

/* Bytes of a host path: what the kernel takes. */
#define LIMIT_PATH_BYTES 4096

/* Devices of one kind: far more than QEMU has slots, little enough that nothing grows without end. */
#define LIMIT_DEVICES 65536

/* A call has 25 seconds: libvirt gives up on a job after 30, and the message is to be ours. The two
 * longest waits have halves of nearly all of it; loading, reading and writing take milliseconds. */

/* Milliseconds to wait for another call for the same VM. */
#define LIMIT_LOCK_WAIT_MS 12000

/* Holders of a lock that died one after the other, each while it inherited it: pid-lock.h. */
#define LIMIT_LOCK_HEIRS 1000

/* Milliseconds that all runs of apparmor_parser in one call may take together. 4,000 disks take 5
 * seconds, a usual VM 0.1, and under emulation 20 times that. */
#define LIMIT_PARSER_MS 12000

/* Bytes of memory for the parser: 4,000 disks, the most that compile in time, take 850 MiB. */
#define LIMIT_PARSER_MEMORY_BYTES 1073741824

/* Bytes of a compiled policy, and of what the parser says: 4,000 disks are 20 KiB, and names without
 * anything in common 100 times that. All of it is in memory. */
#define LIMIT_PARSER_OUTPUT_BYTES 33554432

/* Bytes of the parser's messages that are repeated to the person. */
#define LIMIT_PARSER_MESSAGE_BYTES 8192

/* Bytes between the quotes of a rule: apparmor_parser 3.0 to 5.0 read no more than 16380; the rest is
 * for the pattern that may follow. */
#define LIMIT_RULE_PATH_BYTES 16350
