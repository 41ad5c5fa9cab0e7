# Builds a plugin as a stranger would, against the installed SDK, and looks at what came out.
#   cmake -DSOURCE=<folder> -DPLUGIN=<name> -DPREFIX=<installed SDK> -DWORK=<empty folder> -DRUN=<operator;params;expected>
#         -DRUNNER=<sdk_run_plugin> -DCOMPILER=<name of a compiler> -DLANGUAGE=<C or CXX> [-DFLAGS=<flags>]
#         [-DUNIT_TEST=OFF] [-DLAUNCHER=<compiler cache>] -P out_of_tree.cmake
# Without optimisation, which is what a stranger gets who sets no build type, and takes a third of the time.
# Prints a line with SKIP and the reason where the compiler is not there.
cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    string(REPLACE ";" " " command "${ARGV}")
    message(FATAL_ERROR "${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

if(NOT DEFINED UNIT_TEST)
  set(UNIT_TEST ON)
endif()
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
find_program(compiler_path ${COMPILER})
if(NOT compiler_path)
  message("SKIP: no ${COMPILER} on this machine")
  return()
endif()
if(FLAGS)
  file(WRITE ${WORK}/probe.cpp "#include <string>\nint main(int n, char** v) { return std::string(v[n - 1]).empty(); }\n")
  execute_process(COMMAND ${compiler_path} ${FLAGS} ${WORK}/probe.cpp -o ${WORK}/probe RESULT_VARIABLE status
                  OUTPUT_QUIET ERROR_QUIET)
  if(NOT status EQUAL 0)
    message("SKIP: ${COMPILER} ${FLAGS} does not work on this machine")
    return()
  endif()
endif()

run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G Ninja -DCMAKE_PREFIX_PATH=${PREFIX} -DBUILD_TESTING=${UNIT_TEST}
    -DCMAKE_${LANGUAGE}_COMPILER_LAUNCHER=${LAUNCHER}
    -DCMAKE_${LANGUAGE}_COMPILER=${compiler_path} "-DCMAKE_${LANGUAGE}_FLAGS=${FLAGS} -Wall -Wextra -Wpedantic -Werror")
run(${CMAKE_COMMAND} --build ${WORK}/build)
if(UNIT_TEST)
  run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/build --output-on-failure)
endif()
run(${CMAKE_COMMAND} --install ${WORK}/build --prefix ${WORK}/installed)
set(library ${WORK}/installed/lib/leeward/plugins/${PLUGIN}.so)

run(nm -D --defined-only ${library})
string(STRIP "${output}" symbols)
if(NOT symbols MATCHES "^[0-9a-f]+ T lw_plugin_entry_v1$")
  message(FATAL_ERROR "${library} should export lw_plugin_entry_v1 alone, but exports:\n${symbols}")
endif()
run(readelf -d ${library})
if(NOT output MATCHES "Flags:[^\n]* NOW[^\n]* NODELETE")
  message(FATAL_ERROR "${library} should carry the flags NOW and NODELETE:\n${output}")
endif()

run(${RUNNER} ${library} ${RUN})
message("${PLUGIN} by ${COMPILER} ${FLAGS}: ${output}")
