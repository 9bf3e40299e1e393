// SPDX-License-Identifier: Apache-2.0
#include "verilate.h"
#include "file.h"
#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace
{
const char *const compiler_options[] = {"-std=c++17", "-fPIC", "-w", "-ffp-contract=off", "-fno-gnu-unique"};

/// Commands

struct command {
    std::vector<std::string> words;
    std::string output; // file that takes what it prints
};

pid_t start(const command &command)
{
    std::vector<char *> argv;
    for (const std::string &word : command.words)
        argv.push_back(const_cast<char *>(word.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, command.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0644);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    pid_t pid = 0;
    int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed ? 0 : pid;
}

std::string text_of(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// The line of a tool's output that says what is wrong, without the folder of the build.
std::string first_error(const std::string &output)
{
    std::istringstream lines(output);
    std::string line, last;
    while (std::getline(lines, line)) {
        if (line.find("rror") != std::string::npos || line.find("%Warning") != std::string::npos)
            return line;
        last = line.empty() ? last : line;
    }
    return last;
}

// Runs them side by side. What the failed one printed is kept as `log`.
igq_status run(const std::vector<command> &commands, const std::string &label, const std::string &log, igq_error *error)
{
    std::vector<pid_t> pids;
    for (const command &one : commands)
        pids.push_back(start(one));
    igq_status status = IGQ_OK;
    for (size_t i = 0; i < pids.size(); i++) {
        int ended = 0;
        if (pids[i] != 0)
            waitpid(pids[i], &ended, 0);
        if (status != IGQ_OK)
            continue;
        if (pids[i] == 0 || (WIFEXITED(ended) && WEXITSTATUS(ended) == 127)) {
            status = igq_fail(error, "%s: %s cannot be run; it is needed to build RTL", label.c_str(),
                              commands[i].words[0].c_str());
        } else if (ended != 0) {
            std::string output = text_of(commands[i].output);
            igq_error ignored;
            igq_file_write(log.c_str(), output.data(), output.size(), &ignored);
            status = igq_fail(error, "%s does not build: %s (all of it: %s)", label.c_str(),
                              first_error(output).c_str(), log.c_str());
        }
    }
    return status;
}

/// Cache

igq_status cache_dir(std::string *dir, igq_error *error)
{
    const char *own = std::getenv("IGQSIM_CACHE"), *xdg = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
    if (own && *own)
        *dir = own;
    else if (xdg && *xdg)
        *dir = std::string(xdg) + "/igqsim";
    else if (home && *home)
        *dir = std::string(home) + "/.cache/igqsim";
    else
        return igq_fail(error, "no folder for built RTL: IGQSIM_CACHE, XDG_CACHE_HOME and HOME are not set");
    return igq_make_dir(dir->c_str(), error);
}

std::vector<std::string> files_of(const std::string &dir, const std::string &suffix)
{
    std::vector<std::string> files;
    if (DIR *open = opendir(dir.c_str())) {
        while (const dirent *entry = readdir(open)) {
            std::string name = entry->d_name;
            struct stat about;
            bool ends =
                name.size() >= suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
            if (ends && stat((dir + "/" + name).c_str(), &about) == 0 && S_ISREG(about.st_mode))
                files.push_back(dir + "/" + name);
        }
        closedir(open);
    }
    std::sort(files.begin(), files.end());
    return files;
}

igq_status add_file(std::string *content, const std::string &path, igq_error *error)
{
    char *data = nullptr;
    size_t size = 0;
    igq_status status = igq_file_read(&data, &size, path.c_str(), error);
    if (status == IGQ_OK)
        *content += std::to_string(size) + " bytes:" + std::string(data, size);
    std::free(data);
    return status;
}

// Names of `include "NAME" in a text; "" stands for one that is not said in quotes.
std::vector<std::string> included_names(const std::string &text)
{
    static const std::string directive = "`include";
    std::vector<std::string> names;
    for (size_t at = text.find(directive); at != std::string::npos; at = text.find(directive, at)) {
        at = text.find_first_not_of(" \t", at + directive.size());
        size_t end = at != std::string::npos && text[at] == '"' ? text.find('"', at + 1) : std::string::npos;
        names.push_back(end != std::string::npos ? text.substr(at + 1, end - at - 1) : "");
    }
    return names;
}

// Files that Verilator may read besides the sources: those that texts include, those that it finds by the name of a
// module, and where an include is not said in quotes, every file of the folders. And the headers beside the harness.
std::vector<std::string> read_besides(const verilate_request &request)
{
    std::vector<std::string> files;
    auto add = [&](const std::string &path) {
        if (std::find(files.begin(), files.end(), path) == files.end())
            files.push_back(path);
    };
    for (const std::string &dir : request.include_dirs)
        for (const char *suffix : {".sv", ".v"})
            for (const std::string &file : files_of(dir, suffix))
                add(file);
    std::vector<std::string> texts = request.sources;
    texts.insert(texts.end(), files.begin(), files.end());
    for (size_t i = 0; i < texts.size(); i++) { // grows by what it finds
        for (const std::string &name : included_names(text_of(texts[i]))) {
            for (const std::string &dir : request.include_dirs) {
                if (name.empty())
                    for (const std::string &file : files_of(dir, ""))
                        add(file);
                std::string path = dir + "/" + name;
                if (!name.empty() && igq_file_exists(path.c_str()) &&
                    std::find(texts.begin(), texts.end(), path) == texts.end()) {
                    texts.push_back(path);
                    add(path);
                }
            }
        }
    }
    for (const std::string &file : files_of(request.harness.substr(0, request.harness.rfind('/')), ".h"))
        add(file);
    return files;
}

std::string tool_versions()
{
    static std::string versions;
    if (versions.empty()) {
        for (const char *command : {"verilator --version 2>&1", IGQ_CXX_COMPILER " --version 2>&1"}) {
            char line[256];
            FILE *pipe = popen(command, "r");
            if (pipe != nullptr && std::fgets(line, sizeof line, pipe) != nullptr)
                versions += line;
            if (pipe != nullptr)
                pclose(pipe);
        }
    }
    return versions;
}

// SHA-256 of all that the library depends on. Places of files do not count.
igq_status key_of(std::string *key, const verilate_request &request, igq_error *error)
{
    std::string content = tool_versions() + request.top + (request.trace ? " trace" : "");
    for (const auto &parameter : request.parameters)
        content += " " + parameter.first + "=" + parameter.second;
    for (const std::string &option : request.options)
        content += " " + option;
    igq_status status = add_file(&content, request.harness, error);
    for (size_t i = 0; status == IGQ_OK && i < request.sources.size(); i++)
        status = add_file(&content, request.sources[i], error);
    for (const std::string &file : read_besides(request))
        if (status == IGQ_OK)
            status = add_file(&content, file, error);
    char hex[65];
    igq_sha256_bytes(hex, content.data(), content.size());
    *key = hex;
    return status;
}

/// Building

struct build {
    const verilate_request &request;
    std::string dir;      // of the files made on the way
    std::string log;      // of what fails
    std::string warnings; // of Verilator; a file of it where there are any
    std::string root;     // of Verilator, with its run-time library
};

igq_status verilate(build &work, igq_error *error)
{
    const verilate_request &request = work.request;
    command verilator = {{"verilator", "--cc", "--Mdir", work.dir, "--prefix", "Vunit", "--top-module", request.top},
                         work.dir + "/verilator.log"};
    auto &words = verilator.words;
    words.insert(words.end(), request.options.begin(), request.options.end());
    if (request.trace)
        words.push_back("--trace-fst");
    for (const auto &parameter : request.parameters)
        words.push_back("-G" + parameter.first + "=" + parameter.second);
    for (const std::string &dir : request.include_dirs)
        words.push_back("-I" + dir);
    words.insert(words.end(), request.sources.begin(), request.sources.end());
    igq_status status = run({verilator}, request.label, work.log, error);
    std::string printed = text_of(work.dir + "/verilator.log");
    if (status == IGQ_OK && !printed.empty())
        status = igq_file_write(work.warnings.c_str(), printed.data(), printed.size(), error);
    if (status != IGQ_OK)
        return status;
    std::string makefile = text_of(work.dir + "/Vunit.mk"), name = "\nVERILATOR_ROOT = ";
    size_t begin = makefile.find(name);
    assert(begin != std::string::npos);
    begin += name.size();
    work.root = makefile.substr(begin, makefile.find('\n', begin) - begin);
    return IGQ_OK;
}

command compile(const build &work, const std::string &source, const std::string &optimise)
{
    command compiler = {{IGQ_CXX_COMPILER}, source + ".log"};
    auto &words = compiler.words;
    words.insert(words.end(), std::begin(compiler_options), std::end(compiler_options));
    for (const std::string &word : {optimise, std::string("-DVM_COVERAGE=0"), std::string("-DVM_SC=0"),
                                    std::string("-DVM_TRACE=") + (work.request.trace ? "1" : "0"),
                                    std::string("-DVM_TRACE_FST=") + (work.request.trace ? "1" : "0"), "-I" + work.dir,
                                    "-I" + work.root + "/include", "-I" + work.root + "/include/vltstd",
                                    std::string("-c"), source, std::string("-o"), source + ".o"})
        words.push_back(word);
    return compiler;
}

std::string absolute(const std::string &path)
{
    char *real = realpath(path.c_str(), nullptr);
    std::string found = real != nullptr ? real : path;
    std::free(real);
    return found;
}

// A source that includes others: their headers are read once.
std::string join(const build &work, const std::string &name, const std::vector<std::string> &sources)
{
    std::string path = work.dir + "/" + name + ".cc", text;
    for (const std::string &source : sources)
        text += "#include \"" + absolute(source) + "\"\n";
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

// Two compilers at a time: what runs in every cycle is optimised, what sets up is not.
igq_status compile_and_link(const build &work, igq_error *error)
{
    std::vector<std::string> fast, slow,
        runtime = {work.root + "/include/verilated.cpp", work.root + "/include/verilated_threads.cpp"};
    for (const std::string &file : files_of(work.dir, ".cpp")) {
        bool sets_up = file.find("Slow") != std::string::npos || file.find("Syms") != std::string::npos ||
                       file.find("__Trace") != std::string::npos || file.find("ConstPool") != std::string::npos;
        if (file != work.dir + "/Vunit.cpp")
            (sets_up ? slow : fast).push_back(file);
    }
    std::string harness = join(work, "harness", {work.dir + "/Vunit.cpp", work.request.harness});
    std::string often = join(work, "often", fast), once = join(work, "once", slow);
    std::vector<std::string> sources = {harness, often, once};
    std::vector<command> first = {compile(work, often, "-O1"), compile(work, join(work, "verilated", runtime), "-O0")};
    std::vector<command> second = {compile(work, harness, "-O1"), compile(work, once, "-O0")};
    sources.push_back(work.dir + "/verilated.cc");
    if (work.request.trace) {
        sources.push_back(join(work, "fst", {work.root + "/include/verilated_fst_c.cpp"}));
        second.push_back(compile(work, sources.back(), "-O1"));
    }
    std::string exports = work.dir + "/exports.map";
    std::ofstream(exports, std::ios::binary) << "{ global: igq_*; local: *; };\n";
    command link = {
        {IGQ_CXX_COMPILER, "-shared", "-Wl,-Bsymbolic", "-Wl,--version-script=" + exports, "-o", work.dir + "/unit.so"},
        work.dir + "/link.log"};
    for (const std::string &source : sources)
        link.words.push_back(source + ".o");
    link.words.push_back("-pthread");
    if (work.request.trace)
        link.words.push_back("-lz");
    igq_status status = run(first, work.request.label, work.log, error);
    if (status == IGQ_OK)
        status = run(second, work.request.label, work.log, error);
    return status == IGQ_OK ? run({link}, work.request.label, work.log, error) : status;
}

igq_status make_library(const std::string &library, const verilate_request &request, igq_error *error)
{
    std::string pattern = library + ".XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr)
        return igq_fail(error, "%s: a folder cannot be made there", library.c_str());
    build work = {request, pattern, library + ".log", library + ".warnings", ""};
    auto begin = std::chrono::steady_clock::now();
    std::fprintf(stderr, "building RTL: %s ...\n", request.label.c_str());
    igq_status status = verilate(work, error);
    if (status == IGQ_OK)
        status = compile_and_link(work, error);
    if (status == IGQ_OK && std::rename((work.dir + "/unit.so").c_str(), library.c_str()) != 0)
        status = igq_fail(error, "%s: cannot be written", library.c_str());
    if (status == IGQ_OK)
        std::fprintf(stderr, "building RTL: %s: %.0f s, kept in %s\n", request.label.c_str(),
                     std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), library.c_str());
    igq_remove_dir(work.dir.c_str());
    return status;
}
} // namespace

igq_status igq_verilate(std::string *library, const verilate_request &request, igq_error *error)
{
    std::string dir, key;
    igq_status status = cache_dir(&dir, error);
    if (status == IGQ_OK)
        status = key_of(&key, request, error);
    if (status != IGQ_OK)
        return status;
    *library = dir + "/" + key + ".so";
    return igq_file_exists(library->c_str()) ? IGQ_OK : make_library(*library, request, error);
}

std::string igq_verilate_warnings(const std::string &library)
{
    return text_of(library + ".warnings");
}

igq_status igq_rtl_dir(std::string *dir, igq_error *error)
{
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    std::string bin(program, static_cast<size_t>(length > 0 ? length : 0));
    bin = bin.substr(0, bin.rfind('/') + 1);
    for (const std::string &candidate : {bin + "../share/igqsim/rtl", std::string(IGQ_RTL_SOURCE_DIR)}) {
        if (igq_file_exists((candidate + "/igq_pkg.sv").c_str())) {
            *dir = candidate;
            return IGQ_OK;
        }
    }
    return igq_fail(error, "the RTL that comes with igqsim is neither in %s../share/igqsim/rtl nor in %s", bin.c_str(),
                    IGQ_RTL_SOURCE_DIR);
}

/// Libraries

verilated_library::~verilated_library()
{
    if (handle_ != nullptr)
        dlclose(handle_);
}

igq_status verilated_library::open(const std::string &path, igq_error *error)
{
    assert(handle_ == nullptr);
    handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    return handle_ != nullptr ? IGQ_OK : igq_fail(error, "%s: %s", path.c_str(), dlerror());
}

void *verilated_library::symbol(const char *name) const
{
    void *found = dlsym(handle_, name);
    assert(found != nullptr);
    return found;
}
