/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the launcher asks of the kernel that a test cannot let it have: AppArmor, namespaces, seccomp,
 * identity and exec, behind a table of functions. system_linux is the real one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>
#include <sys/types.h>

#define SYSTEM_MAY_WRITE (1u << 1) /* AA_MAY_WRITE */
#define SYSTEM_MAY_READ  (1u << 2) /* AA_MAY_READ */

typedef enum {
    SYSTEM_ALLOWED,
    SYSTEM_NOT_ALLOWED,
    SYSTEM_NO_PROFILE, /* no profile of that name is loaded */
    SYSTEM_ERROR,      /* errno is set */
} SystemAnswer;

typedef struct {
    /* Whether this kernel has AppArmor switched on; true where that cannot be ruled out. */
    bool (*has_apparmor)(void);
    uid_t (*effective_user)(void);
    /* Whether @label may do all of @mask to @path. */
    SystemAnswer (*query)(uint32_t mask, const char *label, const char *path);
    /* From the next exec on, this process runs as @label. 0, or -1 with errno. */
    int (*set_exec_label)(const char *label);
    /* What was set: label and mode, both to be freed with free(label). 0, or -1 with errno. */
    int (*get_exec_label)(char **label, char **mode);
    int (*unshare)(int flags);
    /* Names this process's namespace of a kind ("net") so that it differs from any other's. */
    ssize_t (*namespace_name)(const char *kind, char *name, size_t size);
    /* From now on, and across exec, system calls go through @filter. 0, or -1 with errno. */
    int (*add_filter)(const struct sock_fprog *filter);
    /* Whether that can be seen: a call that nothing but such a filter refuses is refused. */
    bool (*is_filtered)(void);
    int (*exec)(const char *path, char *const argv[], char *const environment[]);
} System;

extern const System system_linux;
