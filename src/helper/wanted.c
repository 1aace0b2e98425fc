/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/wanted.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/error.h"
#include "domain/domain.h"
#include "rules/rules.h"

/* What libvirt's helper keeps out of a domain's name, to keep it out of the profile (valid_name()). We
 * could escape them; a name that the two helpers treat differently would be no drop-in. */
#define BAD_NAME_CHARACTERS "/[]{}?^,\"*"

Wanted *
wanted_names(const char *profile)
{
    Wanted *wanted = g_new0(Wanted, 1);

    wanted->profile = g_strdup(profile);
    wanted->rules_file = g_strconcat(profile, ".files", NULL);
    wanted->rules_path = g_strconcat("libvirt/", wanted->rules_file, NULL);
    wanted->has_rules = TRUE;
    wanted->rules = g_string_new(NULL);
    wanted->extra = g_string_new(NULL);
    wanted->warnings = g_ptr_array_new_with_free_func(g_free);
    return wanted;
}

void
wanted_free(Wanted *wanted)
{
    g_free(wanted->profile);
    g_free(wanted->rules_file);
    g_free(wanted->rules_path);
    g_free(wanted->template);
    g_string_free(wanted->rules, TRUE);
    g_string_free(wanted->extra, TRUE);
    g_ptr_array_unref(wanted->warnings);
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
template_name(const Domain *domain)
{
    switch (domain->virt) {
    case DOMAIN_VIRT_QEMU:
    case DOMAIN_VIRT_KVM:
        return g_strdup("TEMPLATE.qemu");
    case DOMAIN_VIRT_LXC:
    case DOMAIN_VIRT_OTHER:
        return g_strconcat("TEMPLATE.", domain->virt_name, NULL);
    }
    g_assert_not_reached();
}

Wanted *
wanted_from_xml(const char *xml, gsize len, const char *profile, const char *add_file, Host *host,
                GError **error)
{
    g_autoptr(Domain) domain = domain_parse(xml, len, error);
    g_autoptr(Model) model = NULL;
    g_autoptr(Wanted) wanted = NULL;

    if (!domain || !check_identity(domain, profile, error))
        return NULL;
    model = model_build(domain, host, add_file, error);
    if (!model)
        return NULL;

    wanted = wanted_names(profile);
    wanted->template = template_name(domain);
    wanted->has_rules = domain->virt != DOMAIN_VIRT_LXC;
    if (!rules_render(model->base, wanted->rules, error) ||
        !rules_render(model->grants, wanted->rules, error) ||
        !rules_render(model->extra, wanted->rules, error) ||
        !rules_render(model->extra, wanted->extra, error))
        return NULL;
    g_ptr_array_extend_and_steal(wanted->warnings, g_steal_pointer(&model->warnings));
    return g_steal_pointer(&wanted);
}
