/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "ctl/additions.h"
#include "ctl/chain-private.h"
#include "ctl/loaded.h"
#include "kernel/compiler.h"
#include "policy/profile.h"

#define UPDATE   "virt-aa-ctl update"
#define LAUNCHER "libvirt-virtiofsd-launcher"

static gboolean
confines(const char *mode)
{
    return strcmp(mode, "enforce") == 0 || strcmp(mode, "kill") == 0;
}

/* Whether it is the same as on disk; @mode is what it is loaded as. */
static void
compare(Chain *chain, const ChainProfile *profile, const char *mode)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *remedy = g_strdup_printf(_("correct %s"), profile->file);
    LoadedAnswer answer;

    if (!loaded_compare(chain->config, profile->name, profile->file, &answer, &problem)) {
        if (g_error_matches(problem, BASE_ERROR, BASE_ERROR_DENIED))
            finding_add(chain->findings, FINDING_UNKNOWN, profile->link, NULL,
                        _("%s: whether it is loaded as it is on disk is unknown: needs root"),
                        profile->name);
        else
            finding_add(chain->findings, FINDING_UNCONFINED, profile->link, remedy,
                        _("%s is loaded, and would not be after a restart: %s"), profile->name,
                        problem->message);
    } else if (answer == LOADED_DIFFERENT) {
        finding_add(chain->findings, FINDING_STALE, profile->link, profile->remedy,
                    _("%s is loaded as another policy than %s has by now"), profile->name,
                    profile->file);
    } else {
        finding_add(chain->findings, confines(mode) ? FINDING_GOOD : profile->complain,
                    profile->link, NULL,
                    answer == LOADED_SAME ? _("%s is loaded as it is on disk (%s)")
                                          : _("%s is loaded (%s)"),
                    profile->name, mode);
    }
}

void
chain_check_profile(Chain *chain, const ChainProfile *profile)
{
    const char *mode;

    if (!chain->loaded) {
        /* chain-apparmor.c says why, once */
        if (g_error_matches(chain->not_loaded, BASE_ERROR, BASE_ERROR_DENIED))
            finding_add(chain->findings, FINDING_UNKNOWN, profile->link, NULL,
                        _("%s: whether it is loaded is unknown: needs root"), profile->name);
        return;
    }
    mode = g_hash_table_lookup(chain->loaded, profile->name);
    if (mode)
        compare(chain, profile, mode);
    else
        finding_add(chain->findings, profile->unloaded, profile->link, profile->remedy,
                    _("the profile %s of %s is not loaded"), profile->name, profile->file);
}

/* ---- the helper's own profile, which is the distribution's, with a line of ours ---- */

/* Under which of its names the helper's profile is loaded. */
static const char *
loaded_helper_name(const Chain *chain)
{
    return chain->loaded && !g_hash_table_contains(chain->loaded, "virt-aa-helper") &&
                   g_hash_table_contains(chain->loaded, chain->place->in_place)
               ? chain->place->in_place
               : "virt-aa-helper";
}

/* Whether the profile has the line, and there is something behind it: "if exists" says nothing. */
static gboolean
check_include(Chain *chain, const Addition *addition)
{
    g_autofree char *text = NULL;
    gboolean seen = !addition->file || chain_read(chain, "helper-profile", addition->file, &text);
    g_autofree char *abstraction = g_build_filename(chain->config->apparmor_dir, "abstractions",
                                                    "virt-aa-helper-virtiofs", NULL);

    if (!seen)
        return FALSE;
    if (chain_is_empty(abstraction))
        finding_add(chain->findings, FINDING_UNCONFINED, "helper-profile",
                    _("install the project again"),
                    _("%s is not there: the helper may not do its work"), abstraction);
    else if (!addition->file)
        finding_add(chain->findings, FINDING_UNCONFINED, "helper-profile", NULL,
                    _("%s takes no local additions: add to it \"%s\""), addition->profile,
                    ADDITION_HELPER);
    else if (!text || !additions_has(text, ADDITION_HELPER))
        finding_add(chain->findings, FINDING_UNCONFINED, "helper-profile", UPDATE,
                    _("%s does not have the line \"%s\": the helper may not do its work"),
                    addition->file, ADDITION_HELPER);
    else
        return TRUE;
    return FALSE;
}

static void
check_helper_profile(Chain *chain)
{
    g_autoptr(GPtrArray) additions = chain_additions(chain, "helper-profile", additions_of_helper);

    if (!additions)
        return;
    if (additions->len == 0)
        finding_add(chain->findings, FINDING_NOTE, "helper-profile", NULL, "%s",
                    _("there is no profile for virt-aa-helper itself"));
    for (guint i = 0; i < additions->len; i++) {
        const Addition *addition = g_ptr_array_index(additions, i);
        const ChainProfile profile = {
            .link = "helper-profile",
            .file = addition->profile,
            .name = loaded_helper_name(chain),
            .remedy = UPDATE,
            .unloaded = FINDING_STALE,
            .complain = FINDING_NOTE,
        };

        if (check_include(chain, addition))
            chain_check_profile(chain, &profile);
    }
}

/* ---- ours ---- */

static void
check_launcher_profile(Chain *chain)
{
    g_autofree char *file =
        g_build_filename(chain->config->apparmor_dir, "virt-aa-virtiofsd", NULL);
    g_autofree char *text = NULL;
    const ChainProfile profile = {
        .link = "launcher-profile",
        .file = file,
        .name = LAUNCHER,
        .remedy = UPDATE,
        .unloaded = FINDING_UNCONFINED,
        .complain = FINDING_UNCONFINED,
    };

    if (!chain_read(chain, profile.link, file, &text))
        return;
    if (!text || !*text)
        finding_add(chain->findings, FINDING_UNCONFINED, profile.link,
                    _("install the project again"), _("%s, the launcher's profile, is not there"),
                    file);
    else
        chain_check_profile(chain, &profile);
}

/* Whether the profile of a VM compiles, with all that the template includes. */
static gboolean
compiles(const Chain *chain, const char *text, GError **error)
{
    Compiler compiler = {.parser = chain->config->helper.parser,
                         .include_dir = chain->config->helper.include_dir};
    g_auto(CompilerResult) result = {.binary = NULL};

    return compiler_run(&compiler, COMPILER_COMPILE, text, strlen(text), &result, error);
}

/* @name: of a template of the policy directory. Returns: (transfer full) (nullable): its text, if it is one */
static char *
check_template(Chain *chain, const char *name, const char *remedy)
{
    g_autofree char *file = g_build_filename(chain->config->helper.policy_dir, name, NULL);
    g_autofree char *text = NULL;
    g_autofree char *made = NULL;
    g_autoptr(GError) problem = NULL;

    if (base_read_file_at(AT_FDCWD, file, LIMIT_FILE_BYTES, &text, NULL, &problem) &&
        (made = profile_from_template(text, file, "libvirt-test", NULL, &problem)) &&
        compiles(chain, made, &problem))
        return g_steal_pointer(&text);
    if (chain_is_hidden(problem)) {
        chain_add_unread(chain, "template", problem);
        return NULL;
    }
    /* the compiler reads a text, and knows of no file */
    if (made)
        g_prefix_error(&problem, "%s: ", file);
    finding_add(chain->findings, FINDING_UNCONFINED, "template", remedy, _("VMs do not start: %s"),
                problem->message);
    return NULL;
}

static void
check_templates(Chain *chain)
{
    g_autofree char *qemu =
        check_template(chain, "TEMPLATE.qemu", _("install libvirt's packages again"));
    g_autofree char *own =
        check_template(chain, "TEMPLATE.virtiofsd", _("install the project again"));
    g_autofree char *abstraction =
        g_build_filename(chain->config->apparmor_dir, "abstractions", "libvirt-virtiofsd", NULL);
    g_autoptr(GRegex) complain =
        g_regex_new("^profile [^\\n{]*flags=\\([^)\\n]*complain", G_REGEX_MULTILINE, 0, NULL);

    if (!qemu || !own)
        return;
    if (chain_is_empty(abstraction))
        finding_add(chain->findings, FINDING_UNCONFINED, "template", _("install the project again"),
                    _("VMs with a share do not start: %s is not there"), abstraction);
    else if (g_regex_match(complain, own, 0, NULL))
        finding_add(chain->findings, FINDING_UNCONFINED, "template",
                    _("take \"complain\" out of the flags in TEMPLATE.virtiofsd"), "%s",
                    _("virtiofsds that get a profile from now on are not kept from anything: the "
                      "template says \"complain\""));
    else
        finding_add(chain->findings, FINDING_GOOD, "template", NULL,
                    _("the templates in %s are there"), chain->config->helper.policy_dir);
}

void
chain_profiles(Chain *chain)
{
    check_helper_profile(chain);
    check_launcher_profile(chain);
    check_templates(chain);
}
