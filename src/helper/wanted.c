/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/wanted.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "domain/domain.h"
#include "rules/rules.h"

/* What libvirt's helper keeps out of a domain's name, to keep it out of the profile (valid_name()). We
 * could escape them; a name that the two helpers treat differently would be no drop-in. */
#define BAD_NAME_CHARACTERS "/[]{}?^,\"*"

/* How libvirtd names the socket of the virtiofsd for the device ALIAS (qemuVirtioFSCreateSocketFilename). */
#define DIR_PREFIX    "domain-"
#define SOCKET_SUFFIX "-fs.sock"

static void
set_names(WantedProfile *names, char *profile, char *rules_file)
{
    names->profile = profile;
    names->rules_file = rules_file;
    names->rules_path = g_strconcat("libvirt/", rules_file, NULL);
    names->rules = g_string_new(NULL);
}

Wanted *
wanted_names(const char *profile)
{
    Wanted *wanted = g_new0(Wanted, 1);

    set_names(&wanted->qemu, g_strdup(profile), g_strconcat(profile, ".files", NULL));
    set_names(&wanted->virtiofsd, g_strconcat(profile, "-virtiofsd", NULL),
              g_strconcat(profile, ".virtiofsd", NULL));
    wanted->virtiofsd.template = g_strdup("TEMPLATE.virtiofsd");
    wanted->has_rules = TRUE;
    wanted->extra = g_string_new(NULL);
    wanted->virtiofsd_base = g_string_new(NULL);
    wanted->warnings = g_ptr_array_new_with_free_func(g_free);
    return wanted;
}

static void
clear_names(WantedProfile *names)
{
    g_free(names->profile);
    g_free(names->rules_file);
    g_free(names->rules_path);
    g_free(names->template);
    g_string_free(names->rules, TRUE);
}

void
wanted_free(Wanted *wanted)
{
    clear_names(&wanted->qemu);
    clear_names(&wanted->virtiofsd);
    g_string_free(wanted->extra, TRUE);
    g_string_free(wanted->virtiofsd_base, TRUE);
    g_strfreev(wanted->memory_marks);
    g_free(wanted->domain);
    g_free(wanted->socket);
    g_free(wanted->binary);
    g_clear_pointer(&wanted->options, g_ptr_array_unref);
    g_ptr_array_unref(wanted->warnings);
    g_clear_pointer(&wanted->model, model_free);
    g_free(wanted);
}

static gboolean
check_identity(const Domain *domain, const char *profile, GError **error)
{
    g_autofree char *expected = g_strconcat("libvirt-", domain->uuid, NULL);

    if (strpbrk(domain->name, BAD_NAME_CHARACTERS))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("bad name: '%s': a domain's name must not contain any of %s"),
                              domain->name, BAD_NAME_CHARACTERS);
    if (!g_str_equal(expected, profile))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("given uuid does not match XML uuid: -u %s, but <uuid> is %s"),
                              profile, domain->uuid);
    return TRUE;
}

static char *
template_name(const Model *model)
{
    switch (model->virt) {
    case DOMAIN_VIRT_QEMU:
    case DOMAIN_VIRT_KVM:
        return g_strdup("TEMPLATE.qemu");
    case DOMAIN_VIRT_LXC:
    case DOMAIN_VIRT_OTHER:
        return g_strconcat("TEMPLATE.", model->virt_name, NULL);
    }
    g_assert_not_reached();
}

/* Whether --append-file names a virtiofsd's socket, which libvirtd does right before it starts it. */
static void
find_socket(Wanted *wanted, const char *add_file)
{
    const Model *model = wanted->model;
    g_autofree char *dir = add_file ? g_path_get_dirname(add_file) : NULL;
    g_autofree char *dir_name = dir ? g_path_get_basename(dir) : NULL;
    g_autofree char *name = add_file ? g_path_get_basename(add_file) : NULL;

    if (!name || !g_str_has_prefix(dir_name, DIR_PREFIX) ||
        !g_strv_contains((const char *const *)model->short_names, dir_name + strlen(DIR_PREFIX)) ||
        !g_str_has_suffix(name, SOCKET_SUFFIX))
        return;
    wanted->socket = g_strdup(add_file);
    name[strlen(name) - strlen(SOCKET_SUFFIX)] = '\0';
    for (guint i = 0; i < model->shares->len; i++) {
        Share *share = g_ptr_array_index(model->shares, i);

        if (g_strcmp0(share->alias, name) == 0)
            wanted->share = share;
    }
}

/* QEMU's side of the conversation with virtiofsd, as soon as there is to be one. */
static gboolean
render_peer(Wanted *wanted, GError **error)
{
    GPtrArray *peer = wanted->model->qemu_peer;

    if ((wanted->has_shares || wanted->socket) && !rules_render(peer, wanted->qemu.rules, error))
        return FALSE;
    return !wanted->socket || rules_render(peer, wanted->extra, error);
}

static gboolean
has_writable_share(const Model *model)
{
    for (guint i = 0; i < model->shares->len; i++)
        if (!((const Share *)g_ptr_array_index(model->shares, i))->readonly)
            return TRUE;
    return FALSE;
}

/* virtiofsd's rules, and those that a call for its socket adds. A share that is being hotplugged is not
 * in the XML, and may be for writing. */
static gboolean
render_virtiofsd(Wanted *wanted, GError **error)
{
    const Model *model = wanted->model;
    GString *all = wanted->virtiofsd.rules;
    gboolean readonly = wanted->share ? wanted->share->readonly : model->shares_readonly;

    return rules_render(model->virtiofsd_base, wanted->virtiofsd_base, error) &&
           (readonly || rules_render(model->virtiofsd_writer, wanted->virtiofsd_base, error)) &&
           rules_render(model->virtiofsd_base, all, error) &&
           (!has_writable_share(model) || rules_render(model->virtiofsd_writer, all, error)) &&
           rules_render(model->virtiofsd_shares, all, error);
}

/* How rules for this VM's guest memory end: one for each name that its directory may have. */
static gboolean
render_memory_marks(Wanted *wanted, GError **error)
{
    g_autoptr(GPtrArray) marks = g_ptr_array_new_with_free_func(g_free);

    for (char **name = wanted->model->short_names; *name; name++) {
        g_autoptr(GString) mark = g_string_new("/");

        if (!rules_append_literal(mark, *name, error))
            return FALSE;
        g_ptr_array_add(marks, g_strconcat(mark->str, "/{,**}\"", NULL));
    }
    g_ptr_array_add(marks, NULL);
    wanted->memory_marks = (char **)g_ptr_array_free(g_steal_pointer(&marks), FALSE);
    return TRUE;
}

static gboolean
render(Wanted *wanted, GError **error)
{
    const Model *model = wanted->model;

    if ((model->memory_in_files && !render_memory_marks(wanted, error)) ||
        !rules_render(model->base, wanted->qemu.rules, error) ||
        !rules_render(model->grants, wanted->qemu.rules, error) ||
        !rules_render(model->extra, wanted->qemu.rules, error) ||
        !rules_render(model->extra, wanted->extra, error) || !render_peer(wanted, error) ||
        !render_virtiofsd(wanted, error))
        return FALSE;
    return TRUE;
}

Wanted *
wanted_from_xml(const char *xml, gsize len, const char *profile, const char *add_file, Host *host,
                const Settings *settings, GError **error)
{
    g_autoptr(Domain) domain = domain_parse(xml, len, error);
    g_autoptr(Wanted) wanted = NULL;

    if (!domain || !check_identity(domain, profile, error))
        return NULL;
    wanted = wanted_names(profile);
    wanted->model = model_build(domain, host, settings, add_file, error);
    if (!wanted->model)
        return NULL;

    wanted->qemu.template = template_name(wanted->model);
    wanted->has_rules = domain->virt != DOMAIN_VIRT_LXC;
    wanted->has_shares = wanted->model->shares->len > 0;
    wanted->domain = g_strdup(domain->name);
    wanted->binary = g_strdup(settings_binary(settings, domain->name));
    wanted->options = settings_options(settings, domain->name);
    find_socket(wanted, add_file);
    if (!render(wanted, error))
        return NULL;
    g_ptr_array_extend_and_steal(wanted->warnings, g_steal_pointer(&wanted->model->warnings));
    return g_steal_pointer(&wanted);
}
