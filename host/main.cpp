// leeward: the program. Everything it does is in leeward_host, so that tests can do it too.

#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/cli/verb.hpp"

extern char** environ;

int main(int argc, char** argv) {
  std::map<std::string, std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const std::size_t equals = variable.find('=');
    if (equals != variable.npos) environment.emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  return leeward::run_program({argv + (argc > 0 ? 1 : 0), argv + argc}, environment, std::cout, std::cerr);
}
