/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What virt-aa-helper was built with: for its main, and for that of virt-aa-ctl, which says what it would do. */

#include <unistd.h>

#include "helper/helper.h"

#ifdef WITH_LAUNCHER
#    define HELPER_CONFIG_LAUNCHER                                             \
        .records = RUNSTATEDIR "/virt-aa-virtiofs",                            \
        .launcher = LIBVIRT_LIBEXECDIR "/virt-aa-virtiofsd",                   \
        .launcher_json = DATADIR "/qemu/vhost-user/40-virt-aa-virtiofsd.json", \
        .launcher_mask = SYSCONFDIR "/qemu/vhost-user/40-virt-aa-virtiofsd.json"
#else
#    define HELPER_CONFIG_LAUNCHER
#endif

/* Initializes a HelperConfig. */
#define HELPER_CONFIG_BUILT_IN                                                                  \
    {                                                                                           \
        .policy_dir = APPARMOR_DIR "/libvirt", .parser = APPARMOR_PARSER,                       \
        .settings_file = SYSCONFDIR "/libvirt/virt-aa-virtiofs.conf", .input_fd = STDIN_FILENO, \
        HELPER_CONFIG_LAUNCHER                                                                  \
    }
