/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What virt-aa-ctl and virt-aa-switch were built with: for their mains. */

#include "ctl/ctl.h"
#include "helper/built-in.h"

/* Initializes a CtlConfig. */
#define CTL_CONFIG_BUILT_IN                                                                        \
    {                                                                                              \
        .helper = HELPER_CONFIG_BUILT_IN, .apparmor_dir = APPARMOR_DIR,                            \
        .apparmorfs = "/sys/kernel/security/apparmor", .proc = "/proc",                            \
        .libexecdir = LIBVIRT_LIBEXECDIR, .helper_dir = HELPER_DIR,                                \
        .data_json_dir = DATADIR "/qemu/vhost-user",                                               \
        .sysconf_json_dir = SYSCONFDIR "/qemu/vhost-user", .pid_dir = RUNSTATEDIR "/libvirt/qemu", \
        .user_dir = RUNSTATEDIR "/user", .log_dir = LOCALSTATEDIR "/log/libvirt/qemu",             \
        .audit_log = LOCALSTATEDIR "/log/audit/audit.log", .uri = "qemu:///system",                \
        .dpkg_dir = "/var/lib/dpkg", .dpkg_bin = "/usr/bin", .launcher_ms = 10000,                 \
    }
