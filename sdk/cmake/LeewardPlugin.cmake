# leeward_add_plugin(): how a plugin of Leeward is built, by us and by strangers alike.
#
#   leeward_add_plugin(<name> SOURCES <file>... [LIBRARIES <target>...] [OUTPUT_DIRECTORY <folder>])
#
# Makes the module <name>.so from C or C++ sources, and installs it where a host looks for plugins. Beside the compiler's
# usual work it sets what is easily forgotten:
#   - hidden visibility and a version script: lw_plugin_entry_v1 is the only exported symbol, so that nothing of this plugin is
#     ever mixed up with the same name in another (hidden visibility alone still exports parts of the standard library);
#   - -z nodelete: the library stays mapped, whoever closes it;
#   - -z now and --no-undefined: a missing function is found when linking, not in the middle of a run.
# Within Leeward's own tree the module goes to LEEWARD_PLUGIN_OUTPUT_DIRECTORY and is compiled like the rest of it.
function(leeward_add_plugin name)
  cmake_parse_arguments(ARG "" "OUTPUT_DIRECTORY" "SOURCES;LIBRARIES" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_SOURCES)
    message(FATAL_ERROR "leeward_add_plugin(${name}): expected SOURCES <file>..., got '${ARGN}'")
  endif()
  add_library(${name} MODULE ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE leeward::sdk ${ARG_LIBRARIES} $<TARGET_NAME_IF_EXISTS:leeward_options>)
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if(CXX IN_LIST languages)
    target_compile_features(${name} PRIVATE cxx_std_17)
  endif()
  set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
                                           VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)
  if(NOT ARG_OUTPUT_DIRECTORY)
    set(ARG_OUTPUT_DIRECTORY ${LEEWARD_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  if(ARG_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${ARG_OUTPUT_DIRECTORY})
  endif()

  set(exports ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.exports)
  target_link_options(${name} PRIVATE LINKER:--version-script=${exports} LINKER:-z,nodelete LINKER:-z,now)
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${exports})
  # A sanitizer's functions come from the program that loads the plugin: there they are undefined, and rightly so.
  get_directory_property(link_options LINK_OPTIONS)
  if(NOT "${CMAKE_CXX_FLAGS} ${CMAKE_C_FLAGS} ${CMAKE_MODULE_LINKER_FLAGS} ${link_options}" MATCHES "-fsanitize=")
    target_link_options(${name} PRIVATE LINKER:--no-undefined)
  endif()

  if(NOT LEEWARD_PLUGIN_DIR)
    set(LEEWARD_PLUGIN_DIR lib/leeward/plugins)  # below the installation prefix
  endif()
  install(TARGETS ${name} LIBRARY DESTINATION ${LEEWARD_PLUGIN_DIR})
endfunction()
