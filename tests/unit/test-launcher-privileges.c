/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/privileges.h"

#include <linux/capability.h>

#include "launcher-fixture.h"

enum { LAST = 40 };

static struct {
    uint64_t gainable; /* a bit for each capability */
    int fails_at;      /* -1 for nowhere */
    int lies_at;
    int unasked_at;
    int error; /* there */
    uint64_t most;
    uint64_t raised;
} kernel;

static int
fake_may_gain(int capability)
{
    if (capability > LAST || capability == kernel.unasked_at) {
        errno = capability > LAST ? EINVAL : kernel.error;
        return -1;
    }
    return (int)(kernel.gainable >> capability & 1);
}

static int
fake_drop(int capability)
{
    errno = EPERM;
    if (capability == kernel.fails_at)
        return -1;
    if (capability != kernel.lies_at)
        kernel.gainable &= ~(1ULL << capability);
    return 0;
}

static uint64_t
fake_most(void)
{
    return kernel.most;
}

static int
fake_raise(uint64_t count)
{
    kernel.raised = count;
    errno = EPERM;
    return -1; /* a failure is not ours to report */
}

static const System fake = {
    .may_gain = fake_may_gain,
    .drop_capability = fake_drop,
    .most_descriptors = fake_most,
    .raise_descriptors = fake_raise,
};

static void
reset(void)
{
    memset(&kernel, 0, sizeof(kernel));
    kernel.gainable = (1ULL << (LAST + 1)) - 1;
    kernel.fails_at = kernel.lies_at = kernel.unasked_at = -1;
    kernel.most = 1024 * 1024;
}

/* What design.md measured that virtiofsd needs, and nothing else. */
START_TEST(test_drop)
{
    static const int kept[] = {CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER,
                               CAP_FSETID, CAP_MKNOD,        CAP_SETFCAP,         CAP_SETGID,
                               CAP_SETUID, CAP_SETPCAP,      CAP_SYS_CHROOT};
    uint64_t wanted = 0;
    Failure failure;

    reset();
    for (size_t i = 0; i < ROWS(kept); i++)
        wanted |= 1ULL << kept[i];
    ck_assert(privileges_drop(&fake, &(Needs){.xattr = false}, &failure));
    ck_assert_uint_eq(kernel.gainable, wanted);
    reset();
    ck_assert(privileges_drop(&fake, &(Needs){.capabilities = true}, &failure));
    ck_assert_uint_eq(kernel.gainable, (1ULL << (LAST + 1)) - 1);
}
END_TEST

START_TEST(test_drop_fails)
{
    Failure failure;

    reset();
    kernel.fails_at = CAP_SYS_ADMIN;
    ck_assert(!privileges_drop(&fake, &(Needs){.xattr = false}, &failure));
    ck_assert_ptr_nonnull(strstr(failure.text, "cannot drop capability 21"));
    reset();
    kernel.lies_at = LAST;
    ck_assert(!privileges_drop(&fake, &(Needs){.xattr = false}, &failure));
    ck_assert_ptr_nonnull(strstr(failure.text, "capability 40 was not dropped"));
}
END_TEST

/* The end of the list is not where the kernel refuses to say, nor before those that virtiofsd needs. */
START_TEST(test_drop_unasked)
{
    static const struct {
        int at;
        int error;
    } rows[] = {{0, EPERM}, {0, EINVAL}, {CAP_SETFCAP, EINVAL}, {LAST, EPERM}};
    char wanted[64];
    Failure failure;

    reset();
    kernel.unasked_at = rows[_i].at;
    kernel.error = rows[_i].error;
    snprintf(wanted, sizeof(wanted), "cannot ask for capability %d", rows[_i].at);
    ck_assert(!privileges_drop(&fake, &(Needs){.xattr = false}, &failure));
    ck_assert_ptr_nonnull(strstr(failure.text, wanted));
}
END_TEST

static const struct {
    const char *name;
    Needs needs;
    uint64_t most;
    uint64_t raised; /* 0: the limit is left alone */
} limits[] = {
    {"the default", {.xattr = false}, 1048576, 1000000},
    {"the default, with less", {.xattr = false}, 65536, 65536},
    {"asked for", {.descriptors_given = true, .descriptors = 5000}, 65536, 5000},
    {"asked for too many", {.descriptors_given = true, .descriptors = 70000}, 65536, 0},
    {"asked for as it is", {.descriptors_given = true, .descriptors = 0}, 65536, 0},
};

START_TEST(test_limits)
{
    reset();
    kernel.most = limits[_i].most;
    privileges_raise_limit(&fake, &limits[_i].needs);
    ck_assert_msg(kernel.raised == limits[_i].raised, "%s", limits[_i].name);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("privileges");

    tcase_add_test(tc, test_drop);
    tcase_add_test(tc, test_drop_fails);
    tcase_add_loop_test(tc, test_drop_unasked, 0, 4);
    tcase_add_loop_test(tc, test_limits, 0, ROWS(limits));
    return fixture_run("launcher-privileges", tc);
}
