// SPDX-License-Identifier: Apache-2.0
// Memory that runs out anywhere: the n-th allocation fails, for many n over what igqsim does, on the least network that
// has all of it. Each ends with status 2 and one line and leaves nothing half written, or gives the bytes of an
// undisturbed one. $IGQSIM_MEMORY_STEP=1 tries every n (half an hour of processor time), otherwise some dozens.
#include "small_network.h"
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { NUM_SAMPLES = 40 };

// Runs the program with allocation `nth` failing; 0: none, and the number of allocations is counted.
static void run_failing(long nth, const char *arguments)
{
    char program[4096], *binary = strdup(getenv("IGQSIM_BINARY"));
    snprintf(program, sizeof program, "env LD_PRELOAD=%s FAIL_NTH=%ld FAIL_COUNT=%s %s",
             getenv("IGQSIM_FAIL_ALLOCATION"), nth, nth == 0 ? test_path("count") : "", binary);
    setenv("IGQSIM_BINARY", program, 1);
    cli_run(&result, arguments);
    setenv("IGQSIM_BINARY", binary, 1);
    free(binary);
}

static long count_allocations(const char *arguments)
{
    run_failing(0, arguments);
    accepted();
    FILE *in = fopen(test_path("count"), "r");
    long num = 0;
    ck_assert(in != NULL && fscanf(in, "%ld", &num) == 1);
    fclose(in);
    ck_assert_int_gt(num, 0);
    return num;
}

// Tries allocations of `arguments`, which write `output` (a file or a folder of the test). resume: what goes on with an
// output that is not finished; NULL: nothing, and no half-written file may be left.
static void try_all(const char *arguments, const char *output, const char *resume)
{
    char path[1024];
    snprintf(path, sizeof path, "%s", test_path(output));
    long num = count_allocations(arguments), num_refused = 0;
    const char *step_text = getenv("IGQSIM_MEMORY_STEP");
    long step = step_text ? atol(step_text) : num / NUM_SAMPLES + 1;
    shell("rm -rf %s.good && mv %s %s.good", path, path, path);
    for (long nth = 1; nth <= num; nth += step) {
        run_failing(nth, arguments);
        if (result.status == 0) {
            shell("diff -r %s.good %s", path, path);
        } else {
            ck_assert_msg(result.status == 2, "allocation %ld of %ld: status %d, %s", nth, num, result.status,
                          result.output);
            ck_assert_msg(strstr(result.output, "not enough memory") != NULL, "allocation %ld: %s", nth, result.output);
            num_refused++;
            if (resume) {
                cli_run(&result, resume);
                accepted();
                shell("diff -r %s.good %s", path, path);
            }
        }
        shell("test -z \"$(find %s -name '*.tmp' | head -1)\"", cli_dir());
        shell("rm -rf %s", path);
    }
    ck_assert_int_gt(num_refused, 0); // the shim is in place
}

START_TEST(a_run_on_shapes)
{
    char arguments[1024];
    make_least_network("net");
    snprintf(arguments, sizeof arguments,
             "run -a configs/accelerators/igq_temporal.yaml -w %s/net/network.yaml -t "
             "configs/technologies/bitfusion_45nm.yaml -o %s/out",
             cli_dir(), cli_dir());
    try_all(arguments, "out", NULL);
}
END_TEST

START_TEST(a_run_on_images)
{
    make_least_network("net");
    calibrate_network("net");
    try_all(run_arguments("net", "igq_temporal", "-j 2", "out"), "out", NULL);
}
END_TEST

// `command` calibrate or trace, into a file.
static void try_on_images(const char *command, const char *options, const char *output)
{
    char arguments[2048];
    const char *dir = cli_dir();
    make_least_network("net");
    snprintf(arguments, sizeof arguments,
             "%s -w %s/net/network.yaml --weights %s/net/weights.safetensors --images %s/net/images %s -o %s/%s",
             command, dir, dir, dir, options, dir, output);
    try_all(arguments, output, NULL);
}

START_TEST(a_calibration)
{
    try_on_images("calibrate", "--groups 4", "calibration.yaml");
}
END_TEST

START_TEST(a_recording)
{
    try_on_images("trace", "", "trace.safetensors");
}
END_TEST

START_TEST(a_run_on_a_graph)
{
    static const char head[] = "{\"x\":{\"dtype\":\"F32\",\"shape\":[3,4],\"data_offsets\":[0,48]}}";
    const float x[12] = {0.5F, -1, 2, 0.25F, 1, 1, -3, 0.75F, 0, 4, -0.5F, 1.5F};
    char file[8 + sizeof head - 1 + sizeof x], arguments[2048];
    uint64_t head_bytes = sizeof head - 1;
    memcpy(file, &head_bytes, 8);
    memcpy(file + 8, head, sizeof head - 1);
    memcpy(file + 8 + sizeof head - 1, x, sizeof x);
    cli_write(test_path("x.safetensors"), file, sizeof file);
    snprintf(
        arguments, sizeof arguments,
        "run -a configs/accelerators/igq_shared.yaml -w tests/fuzz/onnx/attn.onnx --inputs %s/x.safetensors -o %s/out",
        cli_dir(), cli_dir());
    try_all(arguments, "out", NULL);
}
END_TEST

START_TEST(a_quantization)
{
    char arguments[2048];
    make_least_network("net");
    snprintf(arguments, sizeof arguments,
             "quantize -i %s/net/weights.safetensors --scheme nvfp4 -o %s/codes.safetensors", cli_dir(), cli_dir());
    try_all(arguments, "codes.safetensors", NULL);
}
END_TEST

START_TEST(a_sweep)
{
    char arguments[1024], resume[1200];
    make_least_network("net");
    shell("sed -e 's/{from: 16, to: 128, factor: 2}/[16, 32]/' -e 's/\\[4, 8, 16\\]/[8]/' "
          "-e 's|configs/workloads/deit_tiny.yaml|%s/net/network.yaml|' configs/sweeps/lanes.yaml >%s/small.yaml",
          cli_dir(), cli_dir());
    snprintf(arguments, sizeof arguments, "sweep %s/small.yaml -j 2 -o %s/out", cli_dir(), cli_dir());
    snprintf(resume, sizeof resume, "%s --resume", arguments);
    try_all(arguments, "out", resume);
}
END_TEST

// What the kernel refuses is not seen by malloc alone: stacks of SystemC's processes are mapped.
START_TEST(an_address_space_that_is_too_small)
{
    char command[1024];
    const char *binary = getenv("IGQSIM_BINARY");
    int num_refused = 0, num_done = 0;
    make_least_network("net");
    for (int kilobytes = 12000; kilobytes <= 64000; kilobytes += 1000) {
        snprintf(command, sizeof command,
                 "ulimit -v %d; %s run -a configs/accelerators/igq_temporal.yaml -w %s/net/network.yaml >%s/said 2>&1",
                 kilobytes, binary, cli_dir(), cli_dir());
        int status = WEXITSTATUS(system(command));
        if (status == 127) // not even its libraries fit
            continue;
        if (status == 0) {
            num_done++;
            continue;
        }
        ck_assert_msg(status == 2, "%d kB: status %d", kilobytes, status);
        shell("grep -q 'not enough memory' %s/said && test $(grep -c . %s/said) = 1", cli_dir(), cli_dir());
        num_refused++;
    }
    ck_assert(num_refused > 0 && num_done > 0);
}
END_TEST

int main(void)
{
    if (getenv("IGQSIM_FAIL_ALLOCATION") == NULL) {
        fprintf(stderr, "skipped: sanitizers bring an allocator of their own\n");
        return 77;
    }
    Suite *suite = suite_create("golden.memory");
    TCase *tcase = tcase_create("memory");
    cli_dir(); // before the forks, so that all tests share it
    tcase_add_test(tcase, a_run_on_shapes);
    tcase_add_test(tcase, a_run_on_images);
    tcase_add_test(tcase, a_calibration);
    tcase_add_test(tcase, a_recording);
    tcase_add_test(tcase, a_run_on_a_graph);
    tcase_add_test(tcase, a_quantization);
    tcase_add_test(tcase, a_sweep);
    tcase_add_test(tcase, an_address_space_that_is_too_small);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
