/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What "virt-aa-ctl check" looks at. All domains are one pass: their starts are planned, in this process, and
 * apparmor_parser runs only for policy on disk that the kernel does not have, or where that is asked for.
 */

#include "ctl/domains.h"
#include "ctl/finding.h"
#include "ctl/start.h"

/* One domain, and what was found of it. */
typedef struct {
    const CtlDomain *domain;
    Start *start;        /* (nullable): its XML is not to be understood */
    GPtrArray *findings; /* of Finding */
} Checked;

void checked_free(Checked *checked);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Checked, checked_free)

/** check_config: the administrator's configuration file. */
void check_config(const HelperConfig *config, GPtrArray *findings);

/** check_start: Returns: (transfer full): whether @domain would start */
Checked *check_start(const HelperConfig *config, const CtlDomain *domain);

/**
 * check_shares:
 * @all: (element-type Checked): of all domains of this host
 * What a guest reaches by its shares that it should not: the host itself, disks, what other guests have.
 */
void check_shares(GPtrArray *all);

/**
 * check_policy:
 * @config: see CtlConfig
 * @compile: compile what a start would load, whatever the kernel has
 * The policy on disk of a running domain, beside what the kernel has.
 */
void check_policy(const CtlConfig *config, Checked *checked, gboolean compile);
