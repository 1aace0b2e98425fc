/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whom libvirt has written down. It keeps the number of each QEMU in NAME.pid and of each virtiofsd in
 * ID-NAME-ALIAS-fs.pid (qemuVirtioFSCreatePidFilename()), and the program that it starts has a lock on the
 * file for as long as it runs (virPidFileAcquirePath()). A number in a file without that lock was left, and
 * may be anybody's by now.
 *
 * The launcher hands the file on with a lock of the description in place of libvirt's (launcher/descriptors.c),
 * of which the kernel does not say whose it is; libvirtd wrote the number while the same program had it.
 */

#include <glib.h>

typedef enum {
    PID_FILE_NONE,    /* there is none */
    PID_FILE_HELD,    /* its process runs */
    PID_FILE_LEFT,    /* nobody has the lock, or somebody else than the number says */
    PID_FILE_UNKNOWN, /* it may not be looked at */
} PidFileState;

typedef struct {
    char *path;
    char *name; /* of the file, without what is above it */
    PidFileState state;
    int pid;          /* of PID_FILE_HELD */
    gboolean session; /* of a libvirtd of an ordinary user, who may write what he likes */
    gboolean claimed; /* (of the caller): a domain has it */
} PidFile;

typedef struct _PidFiles PidFiles;

/**
 * pid_files_read:
 * @dir: of libvirt's system driver
 * @users: (nullable): the directory that has one for each user, /run/user
 * Reads all files *.pid in @dir, and of users those of virtiofsds.
 */
PidFiles *pid_files_read(const char *dir, const char *users);
void pid_files_free(PidFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PidFiles, pid_files_free)

/** pid_files_error: Returns: (transfer none) (nullable): why the files of the system driver could not be listed */
const GError *pid_files_error(const PidFiles *files);

/** pid_files_find: Returns: (transfer none) (nullable): the file @name of the system driver */
PidFile *pid_files_find(const PidFiles *files, const char *name);

/** pid_files_all: Returns: (transfer none) (element-type PidFile): those of the system driver first, by path */
GPtrArray *pid_files_all(const PidFiles *files);

/** pid_file_is_virtiofsd: whether the file is one of a virtiofsd, by its name. */
gboolean pid_file_is_virtiofsd(const PidFile *file);
