/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/apparmor.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/limits.h"
#include "kernel/compiler.h"
#include "kernel/kernel-policy.h"
#include "kernel/users.h"

/* What libapparmor wants to know of the kernel: that it takes a set of profiles in one write, as
 * all do that the parsers we know compile for. Told so, it need not read the whole tree of
 * features, about a hundred files, for that one, and it never cuts a set into writes of one
 * profile. */
#define FEATURES "policy {set_load {yes\n}\n}\n"

/* Errno of a removal that finds nothing. Today's kernels say ENOENT; EINVAL is what libvirt looks
 * for (its exit status 234), and nothing else can be wrong with a name that was checked. */
#define NOT_LOADED(e) ((e) == ENOENT || (e) == EINVAL)

/* Of an answer of .access: more than there ever is, and the bit for reading (AA_MAY_READ). */
#define ANSWER_BYTES 512
#define MAY_READ     0x04

#define USUAL_APPARMORFS "/sys/kernel/security/apparmor"

struct _Kernel {
    char *parser;
    char *include_dir;
    Compiler compiler; /* with these two */
    char *apparmorfs;
    char *proc;
    aa_kernel_interface *interface; /* NULL: not looked for, or not to be had */
    gboolean looked;
};

Kernel *
kernel_new(const KernelOptions *options)
{
    Kernel *kernel = g_new0(Kernel, 1);

    kernel->parser = g_strdup(options->parser);
    kernel->include_dir = g_strdup(options->include_dir);
    kernel->compiler = (Compiler){
        .parser = kernel->parser,
        .include_dir = kernel->include_dir,
        .limit_ms = options->parser_ms,
    };
    kernel->apparmorfs = g_strdup(options->apparmorfs);
    kernel->proc = g_strdup(options->proc ? options->proc : "/proc");
    return kernel;
}

void
kernel_free(Kernel *kernel)
{
    aa_kernel_interface_unref(kernel->interface);
    g_free(kernel->parser);
    g_free(kernel->include_dir);
    g_free(kernel->apparmorfs);
    g_free(kernel->proc);
    g_free(kernel);
}

/* ---- the interface ---- */

/* Finds securityfs's directory; FALSE if there is none, or we may not learn where. */
static gboolean
find_apparmorfs(Kernel *kernel)
{
    char *found = NULL;

    if (kernel->apparmorfs)
        return TRUE;
    /* libapparmor looks into /proc/mounts, which the distribution's profile for the helper denies */
    if (aa_find_mountpoint(&found) == 0)
        kernel->apparmorfs = g_strdup(found);
    else if (g_file_test(USUAL_APPARMORFS, G_FILE_TEST_IS_DIR))
        kernel->apparmorfs = g_strdup(USUAL_APPARMORFS);
    free(found);
    return kernel->apparmorfs != NULL;
}

/* Only opening it tells: access() does not ask AppArmor, which may confine ourselves. */
static gboolean
opens_for_writing(const char *apparmorfs)
{
    g_autofree char *path = g_build_filename(apparmorfs, ".replace", NULL);
    g_auto(AutoFd) fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

    return fd >= 0;
}

gboolean
kernel_can_write(Kernel *kernel)
{
    aa_features *features = NULL;

    if (kernel->looked)
        return kernel->interface != NULL;
    kernel->looked = TRUE;
    if (!find_apparmorfs(kernel) || !opens_for_writing(kernel->apparmorfs))
        return FALSE;
    if (aa_features_new_from_string(&features, FEATURES, strlen(FEATURES)) < 0)
        return FALSE;
    if (aa_kernel_interface_new(&kernel->interface, features, kernel->apparmorfs) < 0)
        kernel->interface = NULL;
    aa_features_unref(features);
    return kernel->interface != NULL;
}

/* ---- compile and load ---- */

KernelPolicy *
kernel_compile_mode(Kernel *kernel, const char *text, gsize len, KernelMode mode, char **warnings,
                    GError **error)
{
    g_auto(CompilerResult) result = {.binary = NULL};

    kernel->compiler.complain = mode == KERNEL_COMPLAIN;
    if (!compiler_run(&kernel->compiler, COMPILER_COMPILE, text, len, &result, error))
        return NULL;
    if (warnings)
        *warnings = g_steal_pointer(&result.warnings);
    return kernel_policy_new(text, len, g_steal_pointer(&result.binary), error);
}

static gboolean
load(Kernel *kernel, const KernelPolicy *policy, KernelHow how, GError **error)
{
    g_auto(CompilerResult) result = {.binary = NULL};
    g_autoptr(GError) said = NULL;
    gsize len;
    const char *binary = g_bytes_get_data(policy->binary, &len);

    if (!kernel_can_write(kernel)) {
        if (compiler_run(&kernel->compiler, how == KERNEL_ADD ? COMPILER_ADD : COMPILER_REPLACE,
                         binary, len, &result, &said))
            return TRUE;
    } else if (how == KERNEL_ADD) {
        if (aa_kernel_interface_load_policy(kernel->interface, binary, len) == 0)
            return TRUE;
        result.kernel_errno = errno;
    } else {
        if (aa_kernel_interface_replace_policy(kernel->interface, binary, len) == 0)
            return TRUE;
        result.kernel_errno = errno;
    }
    return kernel_set_refusal(error,
                              how == KERNEL_ADD ? KERNEL_REFUSED_ADD : KERNEL_REFUSED_REPLACE,
                              policy->names, result.kernel_errno, said ? said->message : NULL);
}

gboolean
kernel_commit(Kernel *kernel, const KernelPolicy *policy, KernelHow how, GError **error)
{
    if (FAULT("load"))
        return base_set_errno_error(error, errno, _("cannot load the profile %s"), policy->names);
    if (!load(kernel, policy, how, error))
        return FALSE;
    if (FAULT("loaded"))
        return base_set_error(error, BASE_ERROR_UNSURE, _("cannot load the profile %s"),
                              policy->names);
    return TRUE;
}

/* ---- remove ---- */

static gboolean
remove_by_parser(Kernel *kernel, const char *profile, gboolean *was_loaded, GError **error)
{
    g_autofree char *text = g_strdup_printf("profile %s {\n}\n", profile);
    g_auto(CompilerResult) result = {.binary = NULL};
    g_autoptr(GError) said = NULL;

    if (compiler_run(&kernel->compiler, COMPILER_REMOVE, text, strlen(text), &result, &said)) {
        *was_loaded = TRUE;
        return TRUE;
    }
    if (NOT_LOADED(result.kernel_errno)) {
        *was_loaded = FALSE;
        return TRUE;
    }
    return kernel_set_refusal(error, KERNEL_REFUSED_REMOVE, profile, result.kernel_errno,
                              said->message);
}

gboolean
kernel_remove(Kernel *kernel, const char *profile, gboolean *was_loaded, GError **error)
{
    if (!kernel_check_name(profile, error))
        return FALSE;
    if (FAULT("remove"))
        return base_set_errno_error(error, errno, _("cannot remove the profile %s"), profile);
    if (!kernel_can_write(kernel))
        return remove_by_parser(kernel, profile, was_loaded, error);

    if (aa_kernel_interface_remove_policy(kernel->interface, profile) == 0) {
        *was_loaded = TRUE;
    } else if (NOT_LOADED(errno)) {
        *was_loaded = FALSE;
    } else {
        return kernel_set_refusal(error, KERNEL_REFUSED_REMOVE, profile, errno, NULL);
    }
    return TRUE;
}

/* ---- ask ---- */

gboolean
kernel_has_profile(Kernel *kernel, const char *profile, gboolean *loaded, GError **error)
{
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;
    g_autofree char *wanted = g_strdup_printf("\n%s (", profile);
    g_autofree char *lines = NULL;

    if (!find_apparmorfs(kernel))
        return base_set_error(
            error, BASE_ERROR_NOT_FOUND,
            _("cannot learn which profiles are loaded: no AppArmor in this kernel, "
              "or its directory in securityfs is not to be seen"));
    path = g_build_filename(kernel->apparmorfs, "profiles", NULL);
    if (!base_read_file_at(AT_FDCWD, path, LIMIT_FILE_BYTES, &text, NULL, error)) {
        g_prefix_error(error, "%s", _("cannot learn which profiles are loaded: "));
        return FALSE;
    }
    /* A line is "NAME (MODE)". */
    lines = g_strconcat("\n", text, NULL);
    *loaded = strstr(lines, wanted) != NULL;
    return TRUE;
}

/*
 * What is written to .access asks, and what is then read from it answers: "label", the label and the
 * question of the class "file", which is a path (security/apparmor/apparmorfs.c, query_label()). libapparmor
 * has functions for it, but they look into /proc/mounts, see find_apparmorfs().
 */
static char *
ask(Kernel *kernel, const char *label, const char *path)
{
    static const char question[] = "label";
    static const char class_file = 2;
    g_autofree char *access = g_build_filename(kernel->apparmorfs, ".access", NULL);
    g_auto(AutoFd) fd = open(access, O_RDWR | O_CLOEXEC | O_NOCTTY);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    char answer[ANSWER_BYTES];
    ssize_t n;

    g_byte_array_append(bytes, (const guint8 *)question, sizeof(question));
    g_byte_array_append(bytes, (const guint8 *)label, (guint)strlen(label) + 1);
    g_byte_array_append(bytes, (const guint8 *)&class_file, 1);
    g_byte_array_append(bytes, (const guint8 *)path, (guint)strlen(path));
    if (fd < 0 || write(fd, bytes->data, bytes->len) != (ssize_t)bytes->len)
        return NULL;
    n = read(fd, answer, sizeof(answer) - 1);
    return n > 0 ? g_strndup(answer, (gsize)n) : NULL;
}

/* The bits after @word. */
static guint32
bits_of(const char *answer, const char *word)
{
    const char *found = strstr(answer, word);

    return found ? (guint32)g_ascii_strtoull(found + strlen(word), NULL, 16) : 0;
}

/* Of "allow 0x…", "deny 0x…" and so on, a line each. */
static guint32
allowed_of(const char *answer)
{
    return bits_of(answer, "allow 0x") & ~bits_of(answer, "deny 0x");
}

static gboolean
allows_reading(const char *answer)
{
    return (allowed_of(answer) & MAY_READ) != 0;
}

gboolean
kernel_query_file(Kernel *kernel, const char *profile, const char *path, guint32 *allowed,
                  GError **error)
{
    g_autofree char *answer = NULL;

    if (!find_apparmorfs(kernel))
        return base_set_error(
            error, BASE_ERROR_NOT_FOUND,
            _("there is no AppArmor in this kernel, or its directory in securityfs "
              "is not to be seen"));
    errno = 0;
    answer = ask(kernel, profile, path);
    if (!answer || !strstr(answer, "allow 0x"))
        return base_set_errno_error(error, errno ? errno : EIO,
                                    _("the kernel does not say what %s allows"), profile);
    *allowed = allowed_of(answer);
    return TRUE;
}

gboolean
kernel_has_policy(Kernel *kernel, const char *profile, const char *mark)
{
    g_autofree char *control = kernel_control(mark);
    g_autofree char *marked = NULL;
    g_autofree char *anyway = NULL;

    if (!find_apparmorfs(kernel))
        return FALSE;
    marked = ask(kernel, profile, mark);
    anyway = marked && allows_reading(marked) ? ask(kernel, profile, control) : NULL;
    return anyway && !allows_reading(anyway);
}

gboolean
kernel_label_in_use(Kernel *kernel, const char *label, gboolean *in_use, GError **error)
{
    return users_find(kernel->proc, label, in_use, error);
}

/* ---- unload ---- */

gboolean
kernel_unload(Kernel *kernel, const char *profile, KernelUnload *outcome, GError **error)
{
    gboolean in_use = TRUE;
    gboolean was_loaded = FALSE;

    *outcome = KERNEL_STAYS;
    if (!kernel_check_name(profile, error) || !kernel_label_in_use(kernel, profile, &in_use, error))
        return FALSE;
    if (in_use)
        return TRUE;
    if (!kernel_remove(kernel, profile, &was_loaded, error))
        return FALSE;
    *outcome = was_loaded ? KERNEL_UNLOADED : KERNEL_WAS_NOT_LOADED;
    return TRUE;
}
