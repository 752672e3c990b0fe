# See README.md beside this file.
set -e
node migrate.js
node server.js # not `exec`: the last line must come after it
echo 'start.sh: the server has ended, and this line still runs'
