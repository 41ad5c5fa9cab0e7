# Installs everything, moves it away, and uses it there: the program finds its plugins, strangers find the SDK.
#   cmake -DBUILD=<build folder> -DSOURCE=<repository> -DWORK=<empty folder> -P installed.cmake
cmake_minimum_required(VERSION 3.25)

# expect(<pattern> <command>...): the command succeeds, and its output matches
function(expect pattern)
  execute_process(COMMAND env -i PATH=$ENV{PATH} LEEWARD_HOME=/nonexistent ${ARGN}
                  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  string(REPLACE ";" " " command "${ARGN}")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${command}\nended with ${status}\n${output}${errors}")
  elseif(NOT output MATCHES "${pattern}")
    message(FATAL_ERROR "${command}\nshould print ${pattern}, but printed\n${output}${errors}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
set(prefix ${WORK}/moved)
expect("lib/leeward/plugins/llm.so" ${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${prefix})
set(leeward ${prefix}/bin/leeward)

expect("^leeward [0-9]" ${leeward} version)
expect("\"file\":\"${prefix}/lib/leeward/plugins/llm.so\".*\"problems\":\\[\\]" ${leeward} plugins list --json)
expect("\"text_processing\"" ${leeward} plugins inspect --schema)
expect("\"state\":\"success\"" ${leeward} run ${SOURCE}/dags/llm_content_pipeline.json --mock-llm --json)

# A stranger's plugin, built against this SDK and installed beside the shipped ones.
expect("" ${CMAKE_COMMAND} -S ${SOURCE}/sdk/template -B ${WORK}/plugin -G Ninja -DCMAKE_PREFIX_PATH=${prefix}
       -DCMAKE_INSTALL_PREFIX=${prefix})
expect("" ${CMAKE_COMMAND} --build ${WORK}/plugin --target install)
expect("\"state\":\"success\"" ${leeward} run ${SOURCE}/sdk/template/hello.json --json)
