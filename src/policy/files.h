/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * policy: the files on disk. A VM's are changed in one transaction, its records among them:
 *
 *     write every new file beside its old one, fsync  →  mark the VM  →  exchange the two, all of them
 *     →  the caller loads the kernel  →  keep and take the mark away, or exchange back
 *
 * so that a crash, a full disk or a signal leaves, of each file, the old or the new one, and a refusal
 * by the kernel leaves all the old ones. The mark, an empty file PROFILE.dirty, is there from before the
 * first file changes until the kernel has what the files say: a call that finds it trusts nothing to be
 * loaded. Everything goes through a descriptor of the directory.
 */

#include <glib.h>

/* Between a file's name and the owner's in that of what is written beside it: see policy_dir_share(). */
#define POLICY_OWNER_MARK "@"

/* A directory of policies, or of records. */
typedef struct _PolicyDir PolicyDir;

/**
 * policy_dir_open:
 * @path: the directory, such as /etc/apparmor.d/libvirt
 * @error: BASE_ERROR_DAMAGED: it is none
 */
PolicyDir *policy_dir_open(const char *path, GError **error);
void policy_dir_free(PolicyDir *dir);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyDir, policy_dir_free)

/** policy_dir_fd: the descriptor, good for the *at() functions only. Owned by @dir. */
int policy_dir_fd(const PolicyDir *dir);

/** policy_dir_path: as opened. */
const char *policy_dir_path(const PolicyDir *dir);

/**
 * policy_dir_share:
 * @owner: a profile's name
 * Where files of several VMs may have one name, and each VM has only its own lock, what a change of ours writes
 * beside a file has @owner in its name, and is nobody else's to overwrite or clear.
 */
void policy_dir_share(PolicyDir *dir, const char *owner);

/** policy_dir_beside: Returns: (transfer full): what a change puts its suffix behind when it writes beside @name */
char *policy_dir_beside(const PolicyDir *dir, const char *name);

/**
 * policy_is_named:
 * Whether @name leads to what @fd has open. Fails with errno, of which EAGAIN says that it does not.
 */
gboolean policy_is_named(const PolicyDir *dir, const char *name, int fd);

/** policy_exists: whether there is a file, or anything else, called @name; what cannot be told is there. */
gboolean policy_exists(const PolicyDir *dir, const char *name);

/**
 * policy_read:
 * @text: (out) (transfer full): the whole of file @name; bounded by LIMIT_FILE_BYTES
 * A file that is not there is BASE_ERROR_NOT_FOUND; what we cannot have written, such as what a power loss
 * leaves, a link, a pipe or 10 MiB of anything, is BASE_ERROR_DAMAGED.
 */
gboolean policy_read(const PolicyDir *dir, const char *name, char **text, GError **error);

/**
 * policy_remove_name:
 * Removes @name, an empty directory as well, which stands where a file of ours is to be. Fails with errno.
 */
gboolean policy_remove_name(const PolicyDir *dir, const char *name);

/** policy_unlink: removes @name; that it is not there is no error. */
gboolean policy_unlink(const PolicyDir *dir, const char *name, GError **error);
