/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * A kernel for tests: a directory, KernelOptions.apparmorfs, so that separate processes see the
 * same.
 *
 *   profiles/NAME   a loaded profile; the file holds the text that it was loaded with, behind
 *                   COMPLAIN_LINE where that was in complain mode
 *   in-use/LABEL    a process has that label
 *   refuse          loads and removals are refused; the file holds the number of an errno
 *   no-answers      kernel_has_policy() and kernel_query_file() are FALSE
 *   no-interface    kernel_can_write() is FALSE; nothing else changes
 *
 * It is made where it is not there, and all of it may be made beforehand. With KernelOptions.parser
 * text is really compiled, without it everything compiles.
 *
 * Its fault points are armed: "load" before the kernel has taken anything, "loaded" after it has
 * taken all, "remove" and "removed" likewise.
 */

#include "kernel/kernel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/fault.h"
#include "kernel/compiler.h"
#include "kernel/dfa.h"
#include "kernel/kernel-policy.h"

#define COMPLAIN_LINE "# in complain mode\n"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

struct _Kernel {
    char *parser;
    char *include_dir;
    Compiler compiler; /* with these two */
    char *dir;
};

Kernel *
kernel_new(const KernelOptions *options)
{
    Kernel *kernel = g_new0(Kernel, 1);

    g_assert(options->apparmorfs);
    kernel->parser = g_strdup(options->parser);
    kernel->include_dir = g_strdup(options->include_dir);
    kernel->compiler = (Compiler){.parser = kernel->parser, .include_dir = kernel->include_dir};
    kernel->dir = g_strdup(options->apparmorfs);
    return kernel;
}

void
kernel_free(Kernel *kernel)
{
    g_free(kernel->parser);
    g_free(kernel->include_dir);
    g_free(kernel->dir);
    g_free(kernel);
}

static char *
path_of(const Kernel *kernel, const char *folder, const char *name)
{
    return g_build_filename(kernel->dir, folder, name, NULL);
}

static gboolean
exists(const Kernel *kernel, const char *folder, const char *name)
{
    g_autofree char *path = path_of(kernel, folder, name);

    return access(path, F_OK) == 0;
}

/* Returns: the errno to refuse with, or 0 */
static int
refusal(const Kernel *kernel)
{
    g_autofree char *path = path_of(kernel, "refuse", NULL);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    return (int)g_ascii_strtoll(text, NULL, 10) ? (int)g_ascii_strtoll(text, NULL, 10) : EACCES;
}

gboolean
kernel_can_write(Kernel *kernel)
{
    return !exists(kernel, "no-interface", NULL);
}

KernelPolicy *
kernel_compile_mode(Kernel *kernel, const char *text, gsize len, KernelMode mode, char **warnings,
                    GError **error)
{
    g_autofree char *shown = g_strconcat(COMPLAIN_LINE, text, NULL);
    g_auto(CompilerResult) result = {.binary = NULL};

    kernel->compiler.complain = mode == KERNEL_COMPLAIN;
    if (kernel->parser &&
        !compiler_run(&kernel->compiler, COMPILER_COMPILE, text, len, &result, error))
        return NULL;
    if (warnings)
        *warnings = g_steal_pointer(&result.warnings);
    if (mode == KERNEL_COMPLAIN)
        return kernel_policy_new(shown, strlen(shown), g_steal_pointer(&result.binary), error);
    return kernel_policy_new(text, len, g_steal_pointer(&result.binary), error);
}

/* One process at a time changes what is loaded. */
static AutoFd
lock_kernel(const Kernel *kernel)
{
    AutoFd fd = open(kernel->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    while (fd >= 0 && flock(fd, LOCK_EX) < 0 && errno == EINTR)
        continue;
    return fd;
}

static void
remove_folder(const char *folder)
{
    g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
    const char *name;

    while (files && (name = g_dir_read_name(files))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_unlink(path);
    }
    g_rmdir(folder);
}

/* All that is loaded, with @policy in place of what it replaces. */
static gboolean
fill_folder(const char *from, const char *to, const KernelPolicy *policy, GError **error)
{
    g_autoptr(DIR) files = opendir(from);
    const struct dirent *entry;

    /* not by GLib, which does not tell a directory that cannot be read from its end */
    while (files && (errno = 0, entry = readdir(files))) {
        g_autofree char *old = g_build_filename(from, entry->d_name, NULL);
        g_autofree char *new = g_build_filename(to, entry->d_name, NULL);

        if (entry->d_name[0] != '.' && link(old, new) < 0)
            return base_set_errno_error(error, errno, _("cannot create %s"), new);
    }
    if (errno != 0)
        return base_set_errno_error(error, errno, _("cannot read %s"), from);
    for (char **profile = policy->profiles; *profile; profile++) {
        g_autofree char *path = g_build_filename(to, *profile, NULL);

        if (!g_file_set_contents(path, policy->text, -1, error))
            return FALSE;
    }
    return TRUE;
}

/* All or none, as the kernel does it, whatever becomes of this process meanwhile. */
static gboolean
store(const Kernel *kernel, const KernelPolicy *policy, GError **error)
{
    g_autofree char *folder = path_of(kernel, "profiles", NULL);
    g_autofree char *next = path_of(kernel, "profiles.next", NULL);
    g_auto(AutoFd) lock = -1;
    gboolean ok;

    if (g_mkdir_with_parents(folder, 0755) < 0)
        return base_set_errno_error(error, errno, _("cannot create %s"), folder);
    lock = lock_kernel(kernel);
    remove_folder(next);
    if (lock < 0 || g_mkdir(next, 0755) < 0)
        return base_set_errno_error(error, errno, _("cannot create %s"), next);
    ok = fill_folder(folder, next, policy, error);
    if (ok && renameat2(AT_FDCWD, next, AT_FDCWD, folder, RENAME_EXCHANGE) < 0)
        ok = base_set_errno_error(error, errno, _("cannot replace %s"), folder);
    remove_folder(next);
    return ok;
}

gboolean
kernel_commit(Kernel *kernel, const KernelPolicy *policy, KernelHow how, GError **error)
{
    const KernelRefused what = how == KERNEL_ADD ? KERNEL_REFUSED_ADD : KERNEL_REFUSED_REPLACE;
    int errnum = FAULT("load") ? errno : refusal(kernel);

    for (char **name = policy->profiles; *name && how == KERNEL_ADD && !errnum; name++) {
        if (exists(kernel, "profiles", *name))
            errnum = EEXIST;
    }
    if (errnum)
        return kernel_set_refusal(error, what, policy->names, errnum, NULL);
    if (!store(kernel, policy, error))
        return FALSE;
    if (FAULT("loaded"))
        return kernel_set_refusal(error, what, policy->names, 0, g_strerror(errno));
    return TRUE;
}

gboolean
kernel_remove(Kernel *kernel, const char *profile, gboolean *was_loaded, GError **error)
{
    g_autofree char *path = path_of(kernel, "profiles", profile);
    g_auto(AutoFd) lock G_GNUC_UNUSED = lock_kernel(kernel);
    int errnum;

    if (!kernel_check_name(profile, error))
        return FALSE;
    errnum = FAULT("remove") ? errno : refusal(kernel);
    if (errnum)
        return kernel_set_refusal(error, KERNEL_REFUSED_REMOVE, profile, errnum, NULL);
    *was_loaded = unlink(path) == 0;
    if (!*was_loaded && errno != ENOENT)
        return kernel_set_refusal(error, KERNEL_REFUSED_REMOVE, profile, errno, NULL);
    if (FAULT("removed"))
        return kernel_set_refusal(error, KERNEL_REFUSED_REMOVE, profile, errno, NULL);
    return TRUE;
}

gboolean
kernel_has_profile(Kernel *kernel, const char *profile, gboolean *loaded, GError **error)
{
    *loaded = exists(kernel, "profiles", profile);
    return TRUE;
}

gboolean
kernel_has_policy(Kernel *kernel, const char *profile, const char *mark)
{
    g_autofree char *path = path_of(kernel, "profiles", profile);
    g_autofree char *rule = g_strdup_printf("\"%s\" r,", mark);
    g_autofree char *text = NULL;

    return !exists(kernel, "no-answers", NULL) && g_file_get_contents(path, &text, NULL, NULL) &&
           strstr(text, rule);
}

/* What is loaded is compiled again, and asked as the kernel would ask it. */
gboolean
kernel_query_file(Kernel *kernel, const char *profile, const char *path, guint32 *allowed,
                  GError **error)
{
    g_autofree char *file = path_of(kernel, "profiles", profile);
    g_autofree char *text = NULL;
    g_autoptr(KernelPolicy) policy = NULL;
    g_autoptr(DfaPolicy) asked = NULL;
    DfaAnswer answer;

    if (exists(kernel, "no-answers", NULL))
        return base_set_error(error, BASE_ERROR_DENIED, "no-answers");
    if (!g_file_get_contents(file, &text, NULL, NULL))
        return base_set_error(error, BASE_ERROR_NOT_FOUND, "%s is not loaded", profile);
    policy = kernel_compile(kernel, text, strlen(text), NULL, error);
    if (!policy || !policy->binary)
        return FALSE;
    asked = dfa_policy_new(g_bytes_get_data(policy->binary, NULL), g_bytes_get_size(policy->binary),
                           error);
    if (!asked || !dfa_policy_file(asked, profile, path, strlen(path), FALSE, &answer, error))
        return FALSE;
    *allowed = answer.allow;
    return TRUE;
}

gboolean
kernel_label_in_use(Kernel *kernel, const char *label, gboolean *in_use, GError **error)
{
    *in_use = exists(kernel, "in-use", label);
    return TRUE;
}

gboolean
kernel_unload(Kernel *kernel, const char *profile, KernelUnload *outcome, GError **error)
{
    gboolean was_loaded = FALSE;

    *outcome = KERNEL_STAYS;
    if (!kernel_check_name(profile, error))
        return FALSE;
    if (exists(kernel, "in-use", profile))
        return TRUE;
    if (!kernel_remove(kernel, profile, &was_loaded, error))
        return FALSE;
    *outcome = was_loaded ? KERNEL_UNLOADED : KERNEL_WAS_NOT_LOADED;
    return TRUE;
}
