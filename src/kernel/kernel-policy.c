/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/kernel-policy.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "kernel/binary.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

/* The names after "profile" at the start of a line. They are for messages, and to see whether they and no
 * others were compiled; text in another shape loads just as well. */
static char **
find_profiles(const char *text, gsize len)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    const char *end = text + len;

    for (const char *line = text; line < end;) {
        const char *next = memchr(line, '\n', (gsize)(end - line));
        gsize n = (gsize)((next ? next : end) - line);
        g_autofree char *copy = g_strndup(line, n);
        char *at = g_strchug(copy);

        if (g_str_has_prefix(at, "profile") && g_ascii_isspace(at[7])) {
            at = g_strchug(at + 7);
            at[strcspn(at, " \t\r{")] = '\0';
            if (*at)
                g_strv_builder_add(names, at);
        }
        line += n + 1;
    }
    return g_strv_builder_end(names);
}

static gboolean
is_plain(const char *name)
{
    return name[0] != '\0' && name[strspn(name, NAME_CHARACTERS)] == '\0';
}

/* What the compiler wrote is whole, and of the profiles that it was to compile. */
static gboolean
check_binary(const KernelPolicy *policy, GError **error)
{
    gboolean all_plain = TRUE;

    /* names that are quoted or have variables are spelt otherwise in the binary */
    for (char **name = policy->profiles; *name; name++)
        all_plain = all_plain && is_plain(*name);
    return binary_check(policy->binary, all_plain ? policy->profiles : NULL, error);
}

KernelPolicy *
kernel_policy_new(const char *text, gsize len, GBytes *binary, GError **error)
{
    g_autoptr(KernelPolicy) policy = g_new0(KernelPolicy, 1);

    policy->text = g_strndup(text, len);
    policy->profiles = find_profiles(text, len);
    policy->names = policy->profiles[0] ? g_strjoinv(", ", policy->profiles) : g_strdup("?");
    policy->binary = binary;
    if (binary && !check_binary(policy, error))
        return NULL;
    return g_steal_pointer(&policy);
}

KernelPolicy *
kernel_compile(Kernel *kernel, const char *text, gsize len, char **warnings, GError **error)
{
    return kernel_compile_mode(kernel, text, len, KERNEL_AS_IT_SAYS, warnings, error);
}

void
kernel_policy_append(KernelPolicy *policy, const KernelPolicy *more)
{
    g_autoptr(KernelPolicy) old = g_memdup2(policy, sizeof(*policy));
    g_autoptr(GStrvBuilder) profiles = g_strv_builder_new();
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    policy->text = g_strconcat(old->text, "\n", more->text, NULL);
    policy->names = g_strdup_printf("%s, %s", old->names, more->names);
    g_strv_builder_addv(profiles, (const char **)old->profiles);
    g_strv_builder_addv(profiles, (const char **)more->profiles);
    policy->profiles = g_strv_builder_end(profiles);
    policy->binary = NULL;
    if (!old->binary || !more->binary)
        return;
    g_byte_array_append(bytes, g_bytes_get_data(old->binary, NULL),
                        (guint)g_bytes_get_size(old->binary));
    g_byte_array_append(bytes, g_bytes_get_data(more->binary, NULL),
                        (guint)g_bytes_get_size(more->binary));
    policy->binary = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

GBytes *
kernel_policy_binary(const KernelPolicy *policy)
{
    return policy->binary;
}

#define MARKS       "/dev/null/virt-aa-virtiofs/"
#define DIGEST_HALF 32 /* hexadecimal digits of SHA-256 */

char *
kernel_mark(const char *text)
{
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

    return g_strconcat(MARKS, hash, NULL);
}

/* All but one digit is the mark's: at its beginning or end a pattern may name a few, and nobody names this. */
char *
kernel_control(const char *mark)
{
    char *control = g_strdup(mark);
    char *digit = control + strlen(MARKS) + DIGEST_HALF;

    *digit = *digit == '0' ? '1' : '0';
    return control;
}

void
kernel_policy_free(KernelPolicy *policy)
{
    g_clear_pointer(&policy->binary, g_bytes_unref);
    g_strfreev(policy->profiles);
    g_free(policy->names);
    g_free(policy->text);
    g_free(policy);
}

gboolean
kernel_check_name(const char *profile, GError **error)
{
    if (!is_plain(profile))
        return base_set_error(error, BASE_ERROR_FAILED, _("'%s' is not the name of a profile"),
                              profile);
    return TRUE;
}

/* Returns: (nullable): what the kernel means by it, where strerror() does not say */
static const char *
refusal_reason(int errnum)
{
    switch (errnum) {
    case EACCES:
        return _(
            "this process may not manage policy: it must have CAP_MAC_ADMIN, not be confined by "
            "a profile that withholds it, and policy must not be locked");
    case EPERM:
        return _("this process may not manage policy: it must be root, with CAP_MAC_ADMIN");
    case EEXIST:
        return _("it is loaded already; replace it instead");
    case ENOENT:
        return _("no such profile is loaded, or the parent that its name begins with is not");
    case EPROTO:
        return _(
            "the kernel does not understand the compiled policy; apparmor_parser may be too new "
            "for this kernel, or its policy-features may name features that the kernel has not");
    case EPROTONOSUPPORT:
        return _(
            "the kernel does not know this version of compiled policy; apparmor_parser and the "
            "kernel do not fit together");
    case EINVAL:
        return _("the kernel takes the policy for damaged");
    case ENOMEM:
    case E2BIG:
    case ENOSPC:
        return _("the kernel has no room for the policy");
    default:
        return NULL;
    }
}

/* Returns: (transfer full): everything that is known of why */
static char *
refusal_why(int errnum, const char *detail)
{
    const char *reason = refusal_reason(errnum);
    g_autoptr(GString) why = g_string_new(NULL);

    if (reason)
        g_string_printf(why, "%s (%s)", reason, g_strerror(errnum));
    else if (errnum)
        g_string_assign(why, g_strerror(errnum));
    if (detail)
        g_string_append_printf(why, "%s%s", why->len ? ": " : "", detail);
    if (why->len == 0)
        g_string_assign(why, _("no reason was given"));
    return g_string_free(g_steal_pointer(&why), FALSE);
}

gboolean
kernel_set_refusal(GError **error, KernelRefused what, const char *names, int errnum,
                   const char *detail)
{
    BaseError code = errnum == EACCES || errnum == EPERM ? BASE_ERROR_DENIED : BASE_ERROR_FAILED;
    /* the parser was to load it, and has failed for a reason of its own, before or after */
    const BaseError load_code = errnum ? code : BASE_ERROR_UNSURE;
    g_autofree char *why = refusal_why(errnum, detail);

    switch (what) {
    case KERNEL_REFUSED_ADD:
        return base_set_error(error, load_code, _("cannot add the profile %s to the kernel: %s"),
                              names, why);
    case KERNEL_REFUSED_REPLACE:
        return base_set_error(error, load_code,
                              _("cannot replace the profile %s in the kernel: %s"), names, why);
    case KERNEL_REFUSED_REMOVE:
        break;
    }
    return base_set_error(error, code, _("cannot remove the profile %s from the kernel: %s"), names,
                          why);
}

gboolean
kernel_allows(Kernel *kernel, const char *profile, const char *path, const char *mask,
              gboolean *allowed)
{
    /* security/apparmor/include/file.h, AA_MAY_*, by the letters of aa_audit_perm_mask() */
    static const struct {
        char letter;
        guint32 bit;
    } letters[] = {
        {'w', 0x2}, {'r', 0x4}, {'a', 0x8}, {'c', 0x10}, {'d', 0x20}, {'k', 0x8000}, {'m', 0x10000},
    };
    guint32 wanted = 0;
    guint32 found = 0;

    for (const char *at = mask; *at; at++) {
        gsize i = 0;

        while (i < G_N_ELEMENTS(letters) && letters[i].letter != *at)
            i++;
        if (i == G_N_ELEMENTS(letters))
            return FALSE;
        wanted |= letters[i].bit;
    }
    if (!wanted || !kernel_query_file(kernel, profile, path, &found, NULL))
        return FALSE;
    *allowed = (found & wanted) == wanted;
    return TRUE;
}
