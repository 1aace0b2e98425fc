/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/profile-state.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "helper/batch.h"
#include "kernel/kernel.h"
#include "policy/change.h"
#include "policy/profile.h"

struct _ProfileLooker {
    PolicyDir *dir;
    Kernel *kernel;
    gboolean files_answer;
    gboolean kernel_answers;
    GHashTable *templates; /* name → text, read once */
};

ProfileLooker *
profile_looker_new(const HelperConfig *config, const char *apparmorfs, GError **error)
{
    PolicyDir *dir = policy_dir_open(config->policy_dir, error);
    KernelOptions options = {.parser = config->parser,
                             .include_dir = config->include_dir,
                             .apparmorfs = config->kernel_dir ? config->kernel_dir : apparmorfs};
    g_autofree char *access_file = g_build_filename(apparmorfs, ".access", NULL);
    ProfileLooker *looker;

    if (!dir)
        return NULL;
    looker = g_new0(ProfileLooker, 1);
    looker->dir = dir;
    looker->kernel = kernel_new(&options);
    looker->files_answer = faccessat(policy_dir_fd(dir), ".", X_OK, 0) == 0;
    /* kernel_has_policy() says no where there is no answer, which is none */
    looker->kernel_answers = access(access_file, R_OK | W_OK) == 0;
    looker->templates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return looker;
}

void
profile_looker_free(ProfileLooker *looker)
{
    if (!looker)
        return;
    g_hash_table_unref(looker->templates);
    kernel_free(looker->kernel);
    policy_dir_free(looker->dir);
    g_free(looker);
}

/* (transfer none) (nullable) */
static const char *
read_template(ProfileLooker *looker, const char *name)
{
    char *text = NULL;

    if (!g_hash_table_contains(looker->templates, name)) {
        policy_read(looker->dir, name, &text, NULL);
        g_hash_table_insert(looker->templates, g_strdup(name), text);
    }
    return g_hash_table_lookup(looker->templates, name);
}

/* The include of own rules, which is in it while there are some, is no edit. */
static gboolean
is_outdated(ProfileLooker *looker, const ProfileAsked *asked, const char *rules_path,
            const char *text)
{
    const char *template = read_template(looker, asked->template);
    g_autofree char *made = NULL;
    g_autofree char *made_plain = NULL;
    g_autofree char *plain = NULL;
    g_autofree char *include = own_include(asked->profile);

    if (!template)
        return FALSE;
    made = profile_from_template(template, asked->template, asked->profile, rules_path, NULL);
    if (!made)
        return FALSE;
    made_plain = profile_take_include(made, include);
    plain = profile_take_include(text, include);
    return !g_str_equal(made_plain, plain);
}

static ProfileState
compare(const ProfileLooker *looker, const ProfileAsked *asked, const char *mark)
{
    if (!looker->kernel_answers)
        return PROFILE_UNKNOWN;
    if (kernel_has_policy(looker->kernel, asked->profile, mark))
        return PROFILE_IN_FORCE;
    if (asked->loaded && kernel_has_policy(looker->kernel, asked->profile, asked->loaded))
        return PROFILE_CHANGED;
    return PROFILE_FOREIGN;
}

ProfileState
profile_look(ProfileLooker *looker, const ProfileAsked *asked, gboolean *outdated)
{
    g_autofree char *rules_path = g_strconcat("libvirt/", asked->rules_file, NULL);
    g_autofree char *text = NULL;
    g_autofree char *rules = NULL;
    g_autofree char *mark = NULL;
    g_autoptr(GError) unread = NULL;

    *outdated = FALSE;
    if (!looker->files_answer)
        return PROFILE_UNKNOWN;
    if (policy_is_dirty(looker->dir, asked->owner))
        return PROFILE_UNFINISHED;
    if (!policy_read(looker->dir, asked->profile, &text, &unread) ||
        !policy_read(looker->dir, asked->rules_file, &rules, &unread))
        return g_error_matches(unread, BASE_ERROR, BASE_ERROR_DENIED) ? PROFILE_UNKNOWN
                                                                      : PROFILE_NO_FILE;
    *outdated = is_outdated(looker, asked, rules_path, text);
    mark = batch_mark(text, asked->profile, rules_path, rules, asked->own);
    return compare(looker, asked, mark);
}
