// SPDX-License-Identifier: Apache-2.0
// The FP32 units of the datapath against the processor's, in every bit: all pairs of awkward numbers, and random ones,
// a million of them or $IGQSIM_FP32_PAIRS.
#include "cosim_layers.h"
#include "file.h"
#include "verilate.h"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#include "../suite.h" // last: check.h defines fail()
#undef fail

namespace
{
using fp32_units = void(const uint32_t *a, const uint32_t *b, uint32_t *product, uint32_t *sum, uint64_t num);

const uint64_t batch = 1 << 16;
std::string folder; // of what is built
verilated_library library;
fp32_units *units;

void build()
{
    std::string dir, path;
    igq_error error;
    ck_assert_msg(igq_rtl_dir(&dir, &error) == IGQ_OK, "%s", error.message);
    const verilate_request request = {"FP32 units",
                                      {dir + "/lint.vlt", dir + "/datapath/lint.vlt", dir + "/igq_pkg.sv",
                                       dir + "/datapath/igq_fp32_mul.sv", dir + "/datapath/igq_fp32_add.sv",
                                       "tests/rtl/fp32_units.sv"},
                                      {dir, dir + "/datapath"},
                                      "fp32_units",
                                      {},
                                      {"-Wno-fatal"},
                                      "tests/rtl/fp32_harness.cpp",
                                      false};
    ck_assert_msg(igq_verilate(&path, request, &error) == IGQ_OK, "%s", error.message);
    ck_assert_msg(library.open(path, &error) == IGQ_OK, "%s", error.message);
    units = reinterpret_cast<fp32_units *>(library.symbol("igq_fp32_units"));
}

float float_of(uint32_t bits)
{
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// NaN has one code in the RTL.
uint32_t bits_of(float value)
{
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return std::isnan(value) ? 0x7fc00000u : bits;
}

void agrees(const std::vector<uint32_t> &a, const std::vector<uint32_t> &b)
{
    std::vector<uint32_t> product(a.size()), sum(a.size());
    units(a.data(), b.data(), product.data(), sum.data(), a.size());
    for (size_t i = 0; i < a.size(); i++) {
        uint32_t expected_product = bits_of(float_of(a[i]) * float_of(b[i]));
        uint32_t expected_sum = bits_of(float_of(a[i]) + float_of(b[i]));
        if (product[i] != expected_product || sum[i] != expected_sum)
            ck_abort_msg("%08x, %08x: product %08x, expected %08x; sum %08x, expected %08x", a[i], b[i], product[i],
                         expected_product, sum[i], expected_sum);
    }
}

// Any bits; or a number whose exponent is near that of the other, where sums cancel and products are subnormal.
uint32_t draw(cosim_random &random, uint32_t other)
{
    auto any = static_cast<uint32_t>(random.next());
    if (random.one_in(2))
        return any;
    const int place = static_cast<int>(other >> 23 & 255);
    const int wanted = random.one_in(2) ? place + random.between(-26, 26) : 127 - place + random.between(-26, 26);
    const uint32_t exponent = static_cast<uint32_t>(wanted < 0 ? 0 : wanted > 255 ? 255 : wanted);
    return (any & 0x807fffffu) | exponent << 23;
}
} // namespace

START_TEST(awkward_numbers_agree)
{
    std::vector<uint32_t> numbers, a, b;
    for (uint32_t sign : {0u, 1u})
        for (uint32_t exponent : {0u, 1u, 2u, 23u, 24u, 103u, 126u, 127u, 128u, 150u, 151u, 253u, 254u, 255u})
            for (uint32_t fraction : {0u, 1u, 2u, 3u, 0x3fffffu, 0x400000u, 0x400001u, 0x7ffffeu, 0x7fffffu})
                numbers.push_back(sign << 31 | exponent << 23 | fraction);
    for (uint32_t x : numbers) {
        for (uint32_t y : numbers) {
            a.push_back(x);
            b.push_back(y);
        }
    }
    a.resize((a.size() + 15) / 16 * 16);
    b.resize(a.size());
    agrees(a, b);
}
END_TEST

START_TEST(random_numbers_agree)
{
    const char *wanted = std::getenv("IGQSIM_FP32_PAIRS");
    const uint64_t num = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 1000000;
    cosim_random random(1);
    std::vector<uint32_t> a(batch), b(batch);
    ck_assert_uint_gt(num, 0);
    for (uint64_t done = 0; done < num; done += batch) {
        for (size_t i = 0; i < batch; i++) {
            a[i] = static_cast<uint32_t>(random.next());
            b[i] = draw(random, a[i]);
        }
        agrees(a, b);
    }
}
END_TEST

int main()
{
    char pattern[] = "/tmp/igq_fp32_XXXXXX";
    folder = mkdtemp(pattern);
    setenv("IGQSIM_CACHE", folder.c_str(), 1);
    Suite *suite = suite_create("fp32");
    TCase *cases = tcase_create("fp32");
    tcase_add_unchecked_fixture(cases, build, nullptr);
    tcase_add_test(cases, awkward_numbers_agree);
    tcase_add_test(cases, random_numbers_agree);
    suite_add_tcase(suite, cases);
    int failed = run_suite(suite);
    igq_remove_dir(folder.c_str());
    return failed;
}
