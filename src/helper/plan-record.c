/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/plan-record.h"

/* Whether the VM has a virtiofsd, or runs and can get one: the first share that is attached would have QEMU's
 * profile compiled otherwise. */
static gboolean
may_have_virtiofsd(const Request *request)
{
    return request_has_shares(request) ||
           (request->domain->id >= 0 && request->domain->memory_shared);
}

/* The rules of QEMU that the XML asks for, in libvirt's order. */
static void
record_xml(VmRecord *record, const Request *request)
{
    const Model *model = request->model;

    grants_add(record->qemu, model->base);
    grants_add(record->qemu, model->grants);
    if (!request_appends(request))
        grants_add(record->qemu, model->extra);
    /* its side of the conversation with virtiofsd */
    if (may_have_virtiofsd(request))
        grants_add(record->qemu, model->qemu_peer);
}

static gboolean
covers(GPtrArray *grants, const Grant *grant)
{
    for (guint i = 0; i < grants->len; i++)
        if (grant_covers(g_ptr_array_index(grants, i), grant))
            return TRUE;
    return FALSE;
}

/* Only what QEMU may not do already: a rule that changes nothing would cost a compilation all the same. */
static void
add_uncovered(VmRecord *record, GPtrArray *to, GPtrArray *grants)
{
    for (guint i = 0; i < grants->len; i++) {
        const Grant *grant = g_ptr_array_index(grants, i);

        if (!covers(record->qemu, grant) && !covers(record->announced, grant))
            g_ptr_array_add(to, grant_copy(grant));
    }
}

static void
record_announcement(VmRecord *record, const Request *request)
{
    add_uncovered(record, record->announced, request->model->extra);
    if (request_announces(request, ANNOUNCED_VIRTIOFSD_SOCKET))
        add_uncovered(record, record->announced, request->model->qemu_peer);
}

/* Memory is announced to be QEMU's; virtiofsd is handed descriptors of it, whatever the XML led us to
 * expect. */
static void
record_memory(VmRecord *record, const Request *request)
{
    for (guint i = 0;
         request_announces(request, ANNOUNCED_GUEST_MEMORY) && i < request->model->extra->len;
         i++) {
        const Grant *grant = g_ptr_array_index(request->model->extra, i);

        vm_record_add_path(record->memory, grant->literal);
    }
}

/* The shares that the XML has, and of the attached ones those that it does not have yet. */
static void
record_shares(VmRecord *record, const Request *request, const VmRecord *before)
{
    GPtrArray *shares = request->model->shares;

    for (guint i = 0; before && i < before->shares->len; i++) {
        const RecordedShare *old = g_ptr_array_index(before->shares, i);
        RecordedShare *kept;

        if (!old->socket)
            continue;
        kept = vm_record_put_share(record, old->alias, old->dir, old->readonly);
        kept->socket = g_strdup(old->socket);
        kept->pid = old->pid;
        kept->start = old->start;
    }
    vm_record_drop_ended(record, request->host);
    for (guint i = 0; i < shares->len; i++) {
        const Share *share = g_ptr_array_index(shares, i);

        vm_record_put_share(record, share->alias, share->dir, share->readonly);
    }
}

/* The rules of QEMU: those of the last full call and what was announced since, where that is known. Rules
 * that were kept as text and are lost are not known any more. */
static void
record_qemu(VmRecord *record, const Request *request, const VmRecord *before, const char *existing)
{
    if (request_appends(request) && before && (before->qemu_known || existing)) {
        grants_add(record->qemu, before->qemu);
        grants_add(record->announced, before->announced);
        record->qemu_known = before->qemu_known;
    } else if (request_appends(request) && existing) {
        record->qemu_known = FALSE;
    } else {
        record_xml(record, request);
    }
    if (request_appends(request))
        record_announcement(record, request);
}

VmRecord *
plan_record_new(const Request *request, const VmRecord *before, const char *existing)
{
    g_autoptr(VmRecord) record = vm_record_new(request->options->profile);
    const Model *model = request->model;

    record->domain = g_strdup(request->domain->name);
    record->id = request->domain->id;
    record->qemu_loaded = before ? g_strdup(before->qemu_loaded) : NULL;
    record->virtiofsd_loaded = before ? g_strdup(before->virtiofsd_loaded) : NULL;
    grants_add(record->virtiofsd, model->virtiofsd_base);
    grants_add(record->writer, model->virtiofsd_writer);
    for (guint i = 0; before && i < before->memory->len; i++)
        vm_record_add_path(record->memory, g_ptr_array_index(before->memory, i));
    for (guint i = 0; before && i < before->sockets->len; i++)
        vm_record_add_path(record->sockets, g_ptr_array_index(before->sockets, i));
    record_shares(record, request, before);
    record_memory(record, request);
    record_qemu(record, request, before, existing);
    return g_steal_pointer(&record);
}

void
plan_record_foreseen(VmRecord *record, const Request *request)
{
    const guint before = record->qemu->len;

    grant_note(record->qemu, "foreseen: what libvirtd announces during this start");
    add_uncovered(record, record->qemu, request->foreseen);
    if (record->qemu->len == before + 1)
        g_ptr_array_remove_index(record->qemu, before);
    for (guint i = 0; i < request->foreseen_memory->len; i++)
        vm_record_add_path(record->memory, g_ptr_array_index(request->foreseen_memory, i));
}
