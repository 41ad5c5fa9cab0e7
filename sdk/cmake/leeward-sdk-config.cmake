# find_package(leeward-sdk): the target leeward::sdk (headers) and leeward_add_plugin().
include(${CMAKE_CURRENT_LIST_DIR}/leeward-sdk-targets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/LeewardPlugin.cmake)
