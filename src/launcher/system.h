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
#include <linux/landlock.h>
#include <linux/mount.h>
#include <sys/types.h>

#include "basic/failure.h"

#define SYSTEM_MAY_WRITE (1u << 1) /* AA_MAY_WRITE */
#define SYSTEM_MAY_READ  (1u << 2) /* AA_MAY_READ */

typedef enum {
    SYSTEM_ALLOWED,
    SYSTEM_NOT_ALLOWED,
    SYSTEM_NO_PROFILE, /* no profile of that name is loaded */
    SYSTEM_ERROR,      /* errno is set */
} SystemAnswer;

/* Where a path leads. */
typedef struct {
    dev_t device;
    ino_t inode;
    uint64_t mount;      /* the number of the mount, which no other has at the time */
    unsigned long flags; /* ST_RDONLY and others of statvfs(3) */
} SystemPlace;

/* What a set of rules of Landlock is about; struct landlock_ruleset_attr of Linux 6.12. */
typedef struct {
    uint64_t files;
    uint64_t net;
    uint64_t scoped;
} SystemLandlock;

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
    /* A descriptor for naming the directory, O_PATH; no symbolic link is followed. -1 with errno. */
    int (*open_directory)(const char *path);
    int (*look_at)(const char *path, SystemPlace *place);
    /* A copy, attached nowhere, of the mount that @directory is in, from there on, and those below. */
    int (*clone_mounts)(int directory);
    /* For all mounts from the root of @tree on; where that is -1, from "/" on. 0, or -1 with errno. */
    int (*set_mounts)(int tree, const struct mount_attr *attr);
    /* Mounts the copy over @directory. */
    int (*attach_mounts)(int tree, int directory);
    /* Which version the kernel has; -1 with errno where it has none. */
    int (*landlock_version)(void);
    /* A descriptor of an empty set of rules, or -1 with errno. */
    int (*landlock_create)(const SystemLandlock *attr);
    int (*landlock_add)(int rules, const struct landlock_path_beneath_attr *rule);
    /* From now on, and across exec, this process is under the rules. */
    int (*landlock_restrict)(int rules, uint32_t flags);
    /* Opens the directory for reading, and closes it. 0, or -1 with errno. */
    int (*read_directory)(const char *path);
    /* descriptors_hand_on() */
    bool (*hand_on)(int listener, Failure *failure);
    /* How many files one process may have open at all. */
    uint64_t (*most_descriptors)(void);
    /* So many may be, if they were fewer. 0, or -1 with errno. */
    int (*raise_descriptors)(uint64_t count);
    /* 1 if exec can give the capability, 0 if it cannot, -1 with EINVAL if there is none of that number. */
    int (*may_gain)(int capability);
    /* exec gives it no more. 0, or -1 with errno. */
    int (*drop_capability)(int capability);
    /* From now on, and across exec, system calls go through @filter. 0, or -1 with errno. */
    int (*add_filter)(const struct sock_fprog *filter);
    /* Whether that can be seen: a call that nothing but such a filter refuses is refused. */
    bool (*is_filtered)(void);
    int (*exec)(const char *path, char *const argv[], char *const environment[]);
} System;

extern const System system_linux;
