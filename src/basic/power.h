/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Gives up power that a process of root's does not need. By system calls alone, and fit for use between
 * fork and exec.
 */

#include <stdbool.h>
#include <sys/resource.h>

/* A set of capabilities: POWER_OF(CAP_MAC_ADMIN) | … */
typedef unsigned long long PowerSet;
#define POWER_OF(capability) (1ULL << (capability))

/**
 * power_keep:
 * @keep: of the capabilities that this process has, those that stay
 *
 * All others go from every set, the bounding set too, and being root gives none to any program that is
 * run from now on: capabilities(7), SECBIT_NOROOT. The last two need CAP_SETPCAP; where that is missing,
 * or an AppArmor profile does not allow it, they stay as they are, and a program that is run, if it is
 * not in a profile either, has them back.
 *
 * no_new_privs is not set: AppArmor then refuses a profile's change to "unconfined", by which the
 * distribution's profile for virt-aa-helper runs apparmor_parser (domain.c, apparmor_bprm_creds_for_exec()).
 * Returns: false with errno set where the kernel kept more than that
 */
bool power_keep(PowerSet keep);

/**
 * power_pass_on:
 * What programs that are run from now on get of @pass, if this process has it: their ambient set.
 */
bool power_pass_on(PowerSet pass);

/**
 * power_limit:
 * Lowers a limit of getrlimit(2), and never raises one.
 * @grace: added to what no later call may exceed; for RLIMIT_CPU, how many seconds after the signal the
 *   kernel ends the process without a word
 */
bool power_limit(__rlimit_resource_t resource, rlim_t amount, rlim_t grace);
