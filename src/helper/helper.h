/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * helper: virt-aa-helper. main.c is its table of contents; here is what it was built with, so that the
 * tests can run the same program in a directory of theirs, with a kernel of theirs.
 */

#include <glib.h>

#include "host/host.h"
#include "kernel/kernel.h"

typedef struct {
    const char *policy_dir;    /* APPARMOR_DIR/libvirt */
    const char *include_dir;   /* (nullable): where the parser looks for includes as well */
    const char *parser;        /* apparmor_parser */
    const char *host_root;     /* (nullable): stands for "/" in questions about the host */
    const char *kernel_dir;    /* (nullable): stands for the kernel's interface, for tests */
    const char *settings_file; /* (nullable): the administrator's configuration */
    const char *records;  /* (nullable): where the launcher's records are; NULL: there is none */
    const char *launcher; /* (nullable): the launcher, as libvirtd runs it */
    const char *launcher_json; /* (nullable): what makes libvirtd run it */
    const char *launcher_mask; /* (nullable): what, if it is an empty file, hides that */
    int input_fd;              /* where the XML comes from */
} HelperConfig;

/**
 * helper_main:
 * @config: what was built in
 * Returns: the exit status: 0, or 1 after a message
 */
int helper_main(const HelperConfig *config, int argc, char **argv);
