/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Capabilities: those of capabilities(7), by the kernel's numbers and by the names that AppArmor's rules
 * and libcap-ng have for them, and virtiofsd's way of changing a set, "+sys_admin:-mknod" (--modcaps; its
 * README). Which virtiofsd needs is written down here, and nowhere else.
 */

#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "basic/failure.h"

/* A set: bit N is capability N. */
typedef uint64_t Capabilities;

#define CAPABILITY_BIT(number) (UINT64_C(1) << (number))

/*
 * What serving takes. virtiofsd acts as whatever user of the guest a request comes from, on files of any
 * owner and mode; for reading too by dac_override, because it drops dac_read_search unless it opens files
 * by handles (virtiofsd 1.13, seen).
 */
#define CAPABILITIES_SERVING                                                                      \
    (CAPABILITY_BIT(CAP_DAC_OVERRIDE) | CAPABILITY_BIT(CAP_FOWNER) | CAPABILITY_BIT(CAP_SETGID) | \
     CAPABILITY_BIT(CAP_SETUID))

/* What only writing takes: a read-only virtiofsd refuses all requests that need these by itself. */
#define CAPABILITIES_WRITING                                                              \
    (CAPABILITY_BIT(CAP_CHOWN) | CAPABILITY_BIT(CAP_FSETID) | CAPABILITY_BIT(CAP_MKNOD) | \
     CAPABILITY_BIT(CAP_SETFCAP))

/* Numbers below this one have a name here. */
#define CAPABILITY_COUNT (CAP_CHECKPOINT_RESTORE + 1)

/**
 * capability_name:
 * @number: of linux/capability.h, below CAPABILITY_COUNT
 * Returns: its name in small letters, "sys_admin"
 */
const char *capability_name(unsigned number);

/**
 * capability_check:
 * @list: changes, "+sys_admin:-mknod"; @length bytes
 * @failure: names the change that is not "+" or "-" and the name of a capability. "cap_sys_admin" is none:
 *   libcap-ng does not know it, and virtiofsd would not start.
 */
bool capability_check(const char *list, size_t length, Failure *failure);

/**
 * capability_apply:
 * @list: changes that capability_check() finds right; what it does not changes nothing
 * @capabilities: the set before
 * Returns: the set after them, from the first to the last
 */
Capabilities capability_apply(const char *list, size_t length, Capabilities capabilities);
