/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/virtiofsd.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "helper/report.h"
#include "policy/record.h"
#include "rules/rules.h"

/* In a rules file, what --add-share added stands between the first two, and the third names a socket
 * that has a record. Comments to the parser; the paths are as of g_strescape(). */
#define HOTPLUG_BEGIN "  # hotplugged: "
#define HOTPLUG_END   "  # end"
#define SOCKET_LINE   "  # socket: "

/* ---- pieces of rules files ---- */

/*
 * Rules for guest memory in files, made of what libvirtd announced for QEMU: its directories end in
 * "/ID-NAME", and it names them "/ID-NAME/{,**}". The directory of the guest's channels looks alike.
 */
static void
keep_memory_rules(GString *out, const char *rules, char **marks)
{
    g_auto(GStrv) lines = g_strsplit(rules ? rules : "", "\n", -1);

    for (char **mark = marks; mark && *mark; mark++) {
        for (char **line = lines; *line; line++) {
            char *end = strstr(*line, *mark);

            if (!end || strstr(*line, "/channel/") || **line == '#')
                continue;
            g_string_append_len(out, *line, end - *line);
            g_string_append_printf(out, "%s rw,\n", *mark);
        }
    }
}

/* Keeps which sockets have records. */
static void
keep_socket_lines(GString *out, const char *rules)
{
    g_auto(GStrv) lines = g_strsplit(rules ? rules : "", "\n", -1);

    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, SOCKET_LINE))
            g_string_append_printf(out, "%s\n", *line);
}

/* Takes the shares out of @rules whose sockets are gone, and the one of @socket. */
static char *
prune_hotplugged(const char *rules, const char *socket, Host *host)
{
    g_auto(GStrv) lines = g_strsplit(rules, "\n", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    gboolean keep = TRUE;

    for (char **line = lines; *line; line++) {
        if (g_str_has_prefix(*line, HOTPLUG_BEGIN)) {
            g_autofree char *of = g_strcompress(*line + strlen(HOTPLUG_BEGIN));

            keep = !g_str_equal(of, socket) && host_exists(host, of);
        }
        if (keep && (line[1] || **line))
            g_string_append_printf(out, "%s\n", *line);
        if (g_str_has_prefix(*line, HOTPLUG_END))
            keep = TRUE;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* ---- create and replace ---- */

static gboolean
ready(Call *call, char *rules /* (transfer full) */, const char *existing, GError **error)
{
    const WantedProfile *names = &call->wanted->virtiofsd;

    call->virtiofsd.names = names;
    call->virtiofsd.rules = rules;
    if (!call_rules(call, names, rules, existing, error))
        return FALSE;
    call->virtiofsd.profile = call_profile(call, names, TRUE, error);
    return call->virtiofsd.profile != NULL;
}

gboolean
virtiofsd_replace(Call *call, const char *qemu_rules, GError **error)
{
    const Wanted *wanted = call->wanted;
    g_autofree char *existing = NULL;
    g_autofree char *merged = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GString) kept = g_string_new(NULL);

    if (!wanted->has_shares)
        return TRUE;
    if (!call_read_rules(call, &wanted->virtiofsd, &existing, error))
        return FALSE;
    keep_memory_rules(kept, qemu_rules, wanted->memory_marks);
    keep_memory_rules(kept, existing, wanted->memory_marks);
    keep_socket_lines(kept, existing);
    text = call_with_header(wanted->virtiofsd.rules);
    merged = rules_append_missing(text, kept->str);
    return ready(call, merged ? g_steal_pointer(&merged) : g_steal_pointer(&text), existing, error);
}

/* ---- append ---- */

/* An empty file of the name in /etc hides the description (QEMU's docs/interop/vhost-user.json). */
static gboolean
launcher_is_on(const HelperConfig *config)
{
    struct stat st;

    if (!config->launcher || !g_file_test(config->launcher_json, G_FILE_TEST_EXISTS))
        return FALSE;
    return !config->launcher_mask || stat(config->launcher_mask, &st) < 0 || st.st_size > 0;
}

/* Whether libvirtd is set up to run the launcher in virtiofsd's place: then a virtiofsd that it runs
 * itself, because the XML names it, would be the one that is not confined. */
static gboolean
check_binary(Call *call, GError **error)
{
    const Share *share = call->wanted->share;
    const HelperConfig *config = call->config;

    if (!share || !share->binary || !launcher_is_on(config) ||
        g_str_equal(share->binary, config->launcher) ||
        settings_allows_unconfined(call->settings, share->binary))
        return TRUE;
    return base_set_error(error, BASE_ERROR_FAILED,
                          _("libvirtd would run %s itself, unconfined: remove <binary path=…> from "
                            "the domain, or allow it "
                            "with \"allow-unconfined = %s\" in [virtiofsd] of %s"),
                          share->binary, share->binary, config->settings_file);
}

gboolean
virtiofsd_append(Call *call, const char *qemu_rules, GError **error)
{
    const Wanted *wanted = call->wanted;
    const WantedProfile *names = &wanted->virtiofsd;
    g_autofree char *existing = NULL;
    g_autofree char *rules = NULL;
    g_autoptr(GString) more = g_string_new(NULL);

    if (!wanted->socket && !policy_exists(call->dir, names->rules_file))
        return TRUE;
    if (!check_binary(call, error) || !call_read_rules(call, names, &existing, error))
        return FALSE;
    if (wanted->socket) {
        g_autofree char *socket = g_strescape(wanted->socket, NULL);

        g_string_append(more, wanted->virtiofsd_base->str);
        g_string_append_printf(more, SOCKET_LINE "%s\n", socket);
    }
    keep_memory_rules(more, qemu_rules, wanted->memory_marks);
    keep_memory_rules(more, wanted->extra->str, wanted->memory_marks);
    rules = rules_append_missing(existing ? existing : RULES_HEADER, more->str);
    if (!rules)
        return TRUE;
    /* the first share of the VM is being hotplugged: the launcher is going to ask for the profile */
    if (!policy_exists(call->dir, names->profile))
        return call_rules(call, names, rules, existing, error);
    return ready(call, g_steal_pointer(&rules), existing, error);
}

/* ---- records ---- */

gboolean
virtiofsd_record(Call *call, GError **error)
{
    const Wanted *wanted = call->wanted;
    PolicyRecord record = {.profile = wanted->qemu.profile,
                           .domain = wanted->domain,
                           .share = wanted->share ? wanted->share->dir : NULL,
                           .readonly = wanted->share ? wanted->share->readonly
                                                     : wanted->model->shares_readonly,
                           .binary = wanted->binary,
                           .options = wanted->options};

    if (!wanted->socket || !call->config->records)
        return TRUE;
    return record_write(call->config->records, wanted->socket, &record, error);
}

static void
remove_records(Call *call)
{
    g_autofree char *rules = NULL;
    g_auto(GStrv) lines = NULL;

    if (!call->config->records ||
        !policy_read(call->dir, call->wanted->virtiofsd.rules_file, &rules, NULL))
        return;
    lines = g_strsplit(rules, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_autoptr(GError) nonfatal = NULL;
        g_autofree char *socket = NULL;

        if (!g_str_has_prefix(*line, SOCKET_LINE))
            continue;
        socket = g_strcompress(*line + strlen(SOCKET_LINE));
        if (!record_remove(call->config->records, socket, &nonfatal))
            report_warning(nonfatal->message);
    }
}

/* ---- hotplug ---- */

gboolean
virtiofsd_add_share(Call *call, GError **error)
{
    const Options *options = call->options;
    g_autoptr(Host) host = host_new(call->config->host_root, error);
    g_autoptr(GPtrArray) grants = grants_new();
    g_autoptr(GString) rules = g_string_new(NULL);
    g_autofree char *socket = g_strescape(options->share_socket, NULL);
    g_autofree char *resolved = NULL;
    g_autofree char *existing = NULL;
    g_autofree char *pruned = NULL;

    if (!host ||
        !model_share_grants(host, call->settings, _("the share that is attached"), 0,
                            options->add_share, options->share_readonly, &resolved, grants,
                            error) ||
        !rules_render(grants, rules, error) ||
        !call_read_rules(call, &call->wanted->virtiofsd, &existing, error))
        return FALSE;
    if (!existing)
        return base_set_error(error, BASE_ERROR_NOT_FOUND,
                              _("%s/%s does not exist: libvirtd has not announced the socket %s"),
                              policy_dir_path(call->dir), call->wanted->virtiofsd.rules_file,
                              options->share_socket);
    pruned = prune_hotplugged(existing, options->share_socket, host);
    return ready(
        call, g_strconcat(pruned, HOTPLUG_BEGIN, socket, "\n", rules->str, HOTPLUG_END "\n", NULL),
        existing, error);
}

/* ---- the end ---- */

gboolean
virtiofsd_unload(Call *call, VirtiofsdRest rest, GError **error)
{
    const WantedProfile *names = &call->wanted->virtiofsd;
    g_autoptr(GError) unknown = NULL;
    gboolean in_use = TRUE;
    gboolean was_loaded = FALSE;

    if (!policy_exists(call->dir, names->profile) && !policy_exists(call->dir, names->rules_file))
        return TRUE;
    /* to remove it would unconfine whoever runs under it */
    if (!kernel_label_in_use(call->kernel, names->profile, &in_use, &unknown) || in_use) {
        g_autofree char *message =
            unknown ? g_strdup_printf(_("%s stays loaded: %s"), names->profile, unknown->message)
                    : g_strdup_printf(_("%s stays loaded: a virtiofsd is running under it"),
                                      names->profile);

        report_warning(message);
        return TRUE;
    }
    if (!kernel_remove(call->kernel, names->profile, &was_loaded, error))
        return FALSE;
    if (rest == VIRTIOFSD_KEEP_FILES)
        return TRUE;
    remove_records(call);
    return policy_unlink(call->dir, names->rules_file, error) &&
           (rest == VIRTIOFSD_KEEP_PROFILE || policy_unlink(call->dir, names->profile, error));
}
