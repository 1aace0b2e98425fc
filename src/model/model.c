/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/model.h"

#include "host/chain.h"
#include "model/builder.h"

static const ModelStage stages[] = {model_add_devices, model_add_implied, model_add_emulator,
                                    model_add_shares};

/* What every QEMU domain has: its log, monitor, directory, pid file and tunnelled migration. */
static void
add_base(Builder *builder)
{
    const Domain *domain = builder->domain;
    GPtrArray *to = builder->model->base;

    grant_pattern(to, LOCALSTATEDIR "/log/libvirt/**/", domain->name, ".log", PERM_W);
    grant_pattern(to, LOCALSTATEDIR "/lib/libvirt/qemu/domain-", domain->name, "/monitor.sock",
                  PERM_R | PERM_W);
    for (char **name = builder->model->short_names; *name; name++)
        grant_pattern(to, LOCALSTATEDIR "/lib/libvirt/qemu/domain-", *name, "/*", PERM_R | PERM_W);
    grant_pattern(to, RUNSTATEDIR "/libvirt/**/", domain->name, ".pid", PERM_R | PERM_W | PERM_K);
    grant_pattern(to, RUNSTATEDIR "/libvirt/**/*.tunnelmigrate.dest.", domain->name, "",
                  PERM_R | PERM_W);
}

void
share_free(Share *share)
{
    g_free(share->dir);
    g_free(share->alias);
    g_free(share->binary);
    g_free(share->element);
    g_free(share);
}

Model *
model_build(const Domain *domain, Host *host, const Settings *settings, const ModelExtra *extra,
            GError **error)
{
    g_autoptr(Model) model = g_new0(Model, 1);
    g_auto(Builder) builder = {
        .domain = domain, .host = host, .settings = settings, .model = model};

    builder.chains = host_chains_new();
    model->virt = domain->virt;
    model->virt_name = g_strdup(domain->virt_name);
    model->short_names = domain_short_names(domain->id, domain->name);
    model->memory_in_files = domain->memory_in_files;
    model->base = grants_new();
    model->grants = grants_new();
    model->extra = grants_new();
    model->virtiofsd_base = grants_new();
    model->virtiofsd_writer = grants_new();
    model->qemu_peer = grants_new();
    model->shares = g_ptr_array_new_with_free_func((GDestroyNotify)share_free);
    model->warnings = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < domain->warnings->len; i++)
        g_ptr_array_add(model->warnings, g_strdup(g_ptr_array_index(domain->warnings, i)));

    if (domain->virt == DOMAIN_VIRT_QEMU || domain->virt == DOMAIN_VIRT_KVM)
        add_base(&builder);
    for (gsize i = 0; i < G_N_ELEMENTS(stages); i++)
        if (!stages[i](&builder, error))
            return NULL;
    if (extra && !builder_extra(&builder, extra, error))
        return NULL;
    return g_steal_pointer(&model);
}

gboolean
model_extra_grant(const Domain *domain, Host *host, const Settings *settings,
                  const ModelExtra *extra, GPtrArray *to)
{
    g_autoptr(GPtrArray) unsaid = g_ptr_array_new_with_free_func(g_free);
    Model model = {.extra = to, .warnings = unsaid};
    g_auto(Builder) builder = {
        .domain = domain, .host = host, .settings = settings, .model = &model};

    return builder_extra(&builder, extra, NULL);
}

void
model_free(Model *model)
{
    g_clear_pointer(&model->base, g_ptr_array_unref);
    g_clear_pointer(&model->grants, g_ptr_array_unref);
    g_clear_pointer(&model->extra, g_ptr_array_unref);
    g_clear_pointer(&model->virtiofsd_base, g_ptr_array_unref);
    g_clear_pointer(&model->virtiofsd_writer, g_ptr_array_unref);
    g_clear_pointer(&model->qemu_peer, g_ptr_array_unref);
    g_clear_pointer(&model->shares, g_ptr_array_unref);
    g_strfreev(model->short_names);
    g_clear_pointer(&model->warnings, g_ptr_array_unref);
    g_free(model->virt_name);
    g_free(model);
}
