/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/kernel-policy.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

/* The names after "profile" at the start of a line. It is for messages: the parser and the kernel
 * know the names anyhow, and text in another shape loads just as well. */
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

KernelPolicy *
kernel_policy_new(const char *text, gsize len, GBytes *binary)
{
    KernelPolicy *policy = g_new0(KernelPolicy, 1);

    policy->text = g_strndup(text, len);
    policy->profiles = find_profiles(text, len);
    policy->names = policy->profiles[0] ? g_strjoinv(", ", policy->profiles) : g_strdup("?");
    policy->binary = binary;
    return policy;
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
    if (profile[0] == '\0' || profile[strspn(profile, NAME_CHARACTERS)] != '\0')
        return base_set_error(error, BASE_ERROR_FAILED, _("'%s' is not the name of a profile"),
                              profile);
    return TRUE;
}

static const char *
refusal_head(KernelRefused what)
{
    switch (what) {
    case KERNEL_REFUSED_ADD:
        return _("cannot add the profile %s to the kernel");
    case KERNEL_REFUSED_REPLACE:
        return _("cannot replace the profile %s in the kernel");
    case KERNEL_REFUSED_REMOVE:
        return _("cannot remove the profile %s from the kernel");
    default:
        g_assert_not_reached();
    }
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

gboolean
kernel_set_refusal(GError **error, KernelRefused what, const char *names, int errnum,
                   const char *detail)
{
    const char *reason = errnum ? refusal_reason(errnum) : NULL;
    gboolean denied = errnum == EACCES || errnum == EPERM;
    g_autoptr(GString) message = g_string_new(NULL);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    g_string_append_printf(message, refusal_head(what), names);
#pragma GCC diagnostic pop
    if (reason)
        g_string_append_printf(message, ": %s (%s)", reason, g_strerror(errnum));
    else if (errnum)
        g_string_append_printf(message, ": %s", g_strerror(errnum));
    if (detail)
        g_string_append_printf(message, ": %s", detail);
    return base_set_error(error, denied ? BASE_ERROR_DENIED : BASE_ERROR_FAILED, "%s",
                          message->str);
}
