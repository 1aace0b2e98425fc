/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * policy: the files on disk. A VM's are changed in one transaction:
 *
 *     write every new file beside its old one, fsync  →  exchange the two, all of them  →  the caller
 *     loads the kernel  →  keep, or exchange back
 *
 * so that a crash, a full disk or a signal leaves, of each file, the old or the new one, and a refusal
 * by the kernel leaves all the old ones. Everything goes through a descriptor of the directory.
 */

#include <glib.h>

/* The directory of libvirt's policies. */
typedef struct _PolicyDir PolicyDir;

/**
 * policy_dir_open:
 * @path: the directory, such as /etc/apparmor.d/libvirt
 */
PolicyDir *policy_dir_open(const char *path, GError **error);
void policy_dir_free(PolicyDir *dir);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyDir, policy_dir_free)

/** policy_dir_fd: the descriptor, good for the *at() functions only. Owned by @dir. */
int policy_dir_fd(const PolicyDir *dir);

/** policy_dir_path: as opened. */
const char *policy_dir_path(const PolicyDir *dir);

/** policy_exists: whether there is a file, or anything else, called @name. */
gboolean policy_exists(const PolicyDir *dir, const char *name);

/**
 * policy_read:
 * @text: (out) (transfer full): the whole of file @name; bounded by LIMIT_FILE_BYTES
 * A file that is not there is BASE_ERROR_NOT_FOUND.
 */
gboolean policy_read(const PolicyDir *dir, const char *name, char **text, GError **error);

/** policy_unlink: removes @name; that it is not there is no error. */
gboolean policy_unlink(const PolicyDir *dir, const char *name, GError **error);

/**
 * policy_clear_leftovers:
 * Removes what a change to @name that crashed left beside it.
 * Returns: whether there was any
 */
gboolean policy_clear_leftovers(const PolicyDir *dir, const char *name);

/* A set of changes that take place together. */
typedef struct _PolicyChange PolicyChange;

/** policy_change_new: @dir must outlive the change, and the VM's lock be held. */
PolicyChange *policy_change_new(const PolicyDir *dir);

/**
 * policy_change_write:
 * Stages @text as the new content of @name, mode 0644 whatever the umask. Nothing shows yet.
 */
gboolean
policy_change_write(PolicyChange *change, const char *name, const char *text, GError **error);

/** policy_change_publish: puts all staged files in their places; on failure none. */
gboolean policy_change_publish(PolicyChange *change, GError **error);

/** policy_change_keep: the change is final; policy_change_free() will not take it back. */
void policy_change_keep(PolicyChange *change);

/** policy_change_free: takes back what was published and not kept, and leaves no temporary file. */
void policy_change_free(PolicyChange *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyChange, policy_change_free)
