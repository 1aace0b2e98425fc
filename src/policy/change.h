/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Changes to the files of a directory that take place together, or not at all: see policy/files.h. */

#include <sys/types.h>

#include "policy/files.h"

/**
 * policy_read_leftovers:
 * Returns: (transfer full) (element-type utf8): what changes to @name that did not end left beside it
 */
GPtrArray *policy_read_leftovers(const PolicyDir *dir, const char *name);

/**
 * policy_clear_leftovers:
 * Removes what a change to @name that did not end left beside it. Not before a later change has ended
 * well: it may be the last good version.
 */
void policy_clear_leftovers(const PolicyDir *dir, const char *name);

/** policy_without_suffix: Returns: (transfer full): @name, or that of the file that a change writes it beside */
char *policy_without_suffix(const char *name);

/** policy_is_leftover: whether @name is one that a change writes beside another */
gboolean policy_is_leftover(const char *name);

/** policy_is_dirty: whether an earlier change to @profile's files did not end: see policy_change_keep(). */
gboolean policy_is_dirty(const PolicyDir *dir, const char *profile);

/** policy_set_clean: takes the mark away, for whoever knows that nothing of @profile is loaded. */
gboolean policy_set_clean(const PolicyDir *dir, const char *profile, GError **error);

/* A set of changes that take place together. */
typedef struct _PolicyChange PolicyChange;

/**
 * policy_change_new:
 * @dir: where the mark goes; must outlive the change
 * @profile: whose lock is held, and whose mark it is
 */
PolicyChange *policy_change_new(const PolicyDir *dir, const char *profile);

/**
 * policy_change_write:
 * @dir: where @name is; must outlive the change
 * @mode: of the file, whatever the umask
 * Stages @text as the new content of @name. Nothing shows yet.
 */
gboolean policy_change_write(PolicyChange *change, const PolicyDir *dir, const char *name,
                             const char *text, mode_t mode, GError **error);

/** policy_change_remove: stages that @name goes; that it is not there is no error. */
void policy_change_remove(PolicyChange *change, const PolicyDir *dir, const char *name);

/**
 * policy_change_publish:
 * Sets the mark, and puts all staged files in their places; on failure policy_change_fail(). Where nothing
 * is staged, nothing is written.
 */
gboolean policy_change_publish(PolicyChange *change, GError **error);

/**
 * policy_change_keep: the change is final, and the kernel has it: the mark goes, and what earlier changes to the
 * same files left.
 */
void policy_change_keep(PolicyChange *change);

/**
 * policy_change_take_back:
 * Puts back what was published and not kept, all that can be. The mark goes only if it was not there before.
 * @error: the first old file that could not be put back, which stays beside its name, or new one that could
 *   not be removed; and the mark with it. Later changes leave the old one there until one of them is kept.
 */
gboolean policy_change_take_back(PolicyChange *change, GError **error);

/**
 * policy_change_fail:
 * @error: (inout): why the change fails; what cannot be taken back is put in front. BASE_ERROR_UNSURE: the kernel
 *   may have the new policy although loading it failed, and the mark stays
 * Takes back. Returns: FALSE
 */
gboolean policy_change_fail(PolicyChange *change, GError **error);

/** policy_change_free: takes back what is left to take back, and leaves no temporary file. */
void policy_change_free(PolicyChange *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyChange, policy_change_free)
