/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Every amount that input controls, with the reason for its size.
 */

/* Bytes of domain XML, template, profile or rules file: libvirt's MAX_FILE_LEN. */
#define LIMIT_FILE_BYTES 10485760

/* Files that a profile includes, at any depth: libvirt's has about 70 of them. */
#define LIMIT_INCLUDES 1000

/* Layers of a backing chain: libvirt passes 200 to virStorageSourceGetMetadata(), QEMU's own bound. */
#define LIMIT_CHAIN_DEPTH 200

/* Bytes read from the start of an image: libvirt's VIR_STORAGE_MAX_HEADER. */
#define LIMIT_IMAGE_HEADER_BYTES 0x8200

/* Bytes read of a VMDK image that is a text: QEMU reads a megabyte, which is 20,000 extents. */
#define LIMIT_VMDK_TEXT_BYTES 1048576

/* Bytes of a host path: what the kernel takes. */
#define LIMIT_PATH_BYTES 4096

/* Devices of a domain: far more than QEMU has slots for, little enough that the rules are counted, and said
 * to be too many, at once. */
#define LIMIT_DEVICES 4096

/* Attributes of one element, and declarations of namespaces in a document: libxml2 looks for each among
 * all before it. libvirt's elements have less than 20, and what users add to <metadata> or for QEMU a
 * declaration each. Both at their limits, in as much XML as is read, take half a second. */
#define LIMIT_XML_ATTRIBUTES 100
#define LIMIT_XML_NAMESPACES 100

/* Tags, comments and attributes of a document, of which each takes 100 to 300 bytes of memory: several
 * times what a domain with as many devices as may be has. */
#define LIMIT_XML_NODES 500000

/* Lines of the rules of one profile: the memory of apparmor_parser 3.0 grows with their square, and this
 * many take 250 MiB. */
#define LIMIT_RULES 2000

/* The sum of the squares of their lengths, in bytes, with which the parser's time grows: as much as one
 * path has that is as long as can be, or 16 of 1,000 bytes, which take a second. */
#define LIMIT_RULES_SQUARE_BYTES 16777216

/* Bytes of them, not counting what each begins with like the one that it sorts behind: the states of what
 * is compiled, of which the kernel takes 65,535 in all. 500 random names of 100 bytes take a second. */
#define LIMIT_RULES_DISTINCT_BYTES 50000

/* Bytes of an administrator's own rules for one profile: as many as 500 rules of 130 bytes. They count as
 * rules of the profile besides. */
#define LIMIT_OWN_RULES_BYTES 65536

/* Bytes of the arguments and the environment that XML has for QEMU: execve(2) takes a quarter of the stack's
 * limit, which is 8 MiB where nobody has changed it. They are read in one to two seconds. */
#define LIMIT_QEMU_BYTES 2097152

/* Keys and values in one argument of QEMU's: several times what its longest options have. What one says of
 * another is looked up in them, which takes time by their square. */
#define LIMIT_QEMU_PAIRS 256

/* Warnings about one domain: as many disks that are still to be made, and a word on each. Half a million tags could
 * have as many. */
#define LIMIT_WARNINGS 100

/* Bytes of a file of QEMU's options (-readconfig): QEMU's own examples have 4 KiB. */
#define LIMIT_QEMU_CONFIG_BYTES 1048576

/* Milliseconds that a call has: libvirt gives up on a job after 30 seconds (QEMU_JOB_WAIT_TIME), and the
 * message is to be ours. */
#define LIMIT_CALL_MS 26000

/* Milliseconds of them for what has no limit of its own: reading, writing, loading take some 10. */
#define LIMIT_REST_MS 500

/* Milliseconds to wait for another call for the same VM. */
#define LIMIT_LOCK_WAIT_MS 12000

/* Holders of a lock that died one after the other, each while it inherited it: pid-lock.h. */
#define LIMIT_LOCK_HEIRS 1000

/* Milliseconds that all runs of apparmor_parser in one call may take together, by the clock of basic/pace.h:
 * more on a host that has more to do than its processors can. A usual VM takes 0.1 seconds, one with as many
 * rules as may be two, and under emulation 20 times that. */
#define LIMIT_PARSER_MS 12000

/* Milliseconds in which a virtiofsd that libvirtd has just ended is gone. */
#define LIMIT_ENDING_MS 400

/* Milliseconds to wait for who uses the record of a socket that another VM had before: a call that is about to
 * end, or a launcher that libvirtd has given up. */
#define LIMIT_RECORD_WAIT_MS 1000

/* A call may have each of its waits to the end, one after the other. */
_Static_assert(LIMIT_LOCK_WAIT_MS + LIMIT_PARSER_MS + LIMIT_ENDING_MS + LIMIT_RECORD_WAIT_MS +
                       LIMIT_REST_MS <=
                   LIMIT_CALL_MS,
               "the waits of a call are longer than libvirt waits for it");
_Static_assert(LIMIT_CALL_MS <= 26000, "libvirt gives up on a job after 30 seconds");

/* Seconds of processor time for the helper itself, which takes less than one: whatever loops, ends. */
#define LIMIT_HELPER_CPU_SECONDS 20

/* Bytes of address space for it, as for the parser: XML with as many comments as may be takes 160 MiB. */
#define LIMIT_HELPER_MEMORY_BYTES 1073741824

/* Descriptors that it has open at a time: it needs ten, and at the end of a VM one for each socket that a virtiofsd of
 * it has had. */
#define LIMIT_HELPER_FILES 1024

/* Bytes of memory for the parser: four times what LIMIT_RULES take, for what an administrator adds. */
#define LIMIT_PARSER_MEMORY_BYTES 1073741824

/* Bytes of a compiled policy, and of what the parser says: 2,000 disks are 20 KiB, and names without
 * anything in common 100 times that. All of it is in memory. */
#define LIMIT_PARSER_OUTPUT_BYTES 33554432

/* Bytes of the parser's messages that are repeated to the person. */
#define LIMIT_PARSER_MESSAGE_BYTES 8192

/* Bytes between the quotes of a rule: apparmor_parser 3.0 to 5.0 read no more than 16380; the rest is
 * for the pattern that may follow. */
#define LIMIT_RULE_PATH_BYTES 16350
