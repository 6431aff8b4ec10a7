#!/bin/bash
# Does every step of docs/operations.md on a bare Debian 12, literally, and stops at the first that fails.
#
# `deploy/walk.sh`: the page's blocks of shell, in order, in a new root with nothing but apt and systemd in it.
# `deploy/walk.sh image`: the steps of the Dockerfile, on a stand-in for its base.
#
# It needs root, mmdebstrap, git, openssl and python3. What stands in for the outside world:
# - a local Telegram on 127.0.0.1 (its address is added to the settings); the token is a made-up one;
# - buurt.example is this machine, with a certificate of its own (deploy/walking/certbot, and Caddy gets it too);
# - a chroot runs no systemd: deploy/walking/systemctl does what the units say; `systemd-analyze verify` is the real one;
# - the code is cloned from this checkout.
# All of it runs in a network of its own without a way out; only apt-get, make and what they start use the machine's.
# pip and apt use what this machine is set up with. WALK_BIND names folders that they need (read-only there);
# WALK_BASE a tar of the bare root, else mmdebstrap makes it; WALK_KEEP=1 leaves the folder.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
what=${1:-steps}

if [ -z "${WALK_INSIDE:-}" ]; then # namespaces of our own: at the end no process and no mount is left
    folder=$(mktemp -d)
    trap '[ -n "${WALK_KEEP:-}" ] && echo "kept: $folder" || rm -rf --one-file-system "$folder"' EXIT
    WALK_INSIDE=$folder unshare --mount --mount-proc --pid --fork --kill-child "$0" "$@"
    exit
fi

root=$WALK_INSIDE/root
mkdir "$root"
if [ -n "${WALK_BASE:-}" ]; then
    tar --extract --file "$WALK_BASE" --directory "$root" --exclude './dev/*'
else
    mmdebstrap --quiet --variant=apt --include=ca-certificates,systemd bookworm "$root"
fi
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/dev/shm"
for place in ${WALK_BIND:-}; do
    mkdir -p "$root$place"
    mount --bind -o ro "$place" "$root$place"
done

# The machine's own ways to its registries.
for file in /etc/resolv.conf /usr/local/share/ca-certificates/*.crt /etc/pip.conf /etc/xdg/pip/pip.conf \
    /etc/xdg/pip/constraints.txt "$HOME/.config/pip/pip.conf" "$HOME/.pip/pip.conf"; do
    if [ -f "$file" ]; then
        install -D --mode 644 "$file" "$root${file/#$HOME//root}"
    fi
done
# A certificate for buurt.example that this root trusts.
mkdir -p "$root/srv/walk"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=buurt.example -addext subjectAltName=DNS:buurt.example \
    -keyout "$root/srv/walk/privkey.pem" -out "$root/srv/walk/fullchain.pem" 2> /dev/null
install -D --mode 644 "$root/srv/walk/fullchain.pem" "$root/usr/local/share/ca-certificates/walk.crt"
chroot "$root" update-ca-certificates > /dev/null 2>&1
# Installing a service starts none: that is for the steps.
printf '#!/bin/sh\nexit 101\n' | install --mode 755 /dev/stdin "$root/usr/sbin/policy-rc.d"

inside() { # COMMAND...: in the root, with the network without a way out
    nsenter --net="/proc/$alone/ns/net" chroot "$root" env HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
        SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
unshare --net sleep infinity &
alone=$!
until [ "$(readlink "/proc/$alone/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.1; done
nsenter --net="/proc/$alone/ns/net" ip link set lo up
mkdir -p "$root/run/walk"

for program in apt-get make; do
    install --mode 755 "$here/deploy/walking/online" "$root/usr/local/sbin/$program"
done
if [ "$what" = image ]; then
    inside apt-get -qq update
    exec python3 "$here/deploy/walking/image.py" "$here" "$root" "$alone"
fi

install --mode 755 "$here/deploy/walking/systemctl" "$here/deploy/walking/certbot" "$root/usr/local/sbin/"
git clone --quiet --bare --no-hardlinks "$here" "$root/srv/buurtstem.git"
printf '[url "file:///srv/buurtstem.git"]\n\tinsteadOf = https://code.example/buurtstem.git\n' > "$root/etc/gitconfig"
echo '127.0.0.1 localhost buurt.example' > "$root/etc/hosts"
python3 "$here/deploy/walking/blocks.py" "$here/docs/operations.md" "$root/srv/walk"
cp "$here/deploy/walking/resident.py" "$root/srv/walk/"

shopt -s failglob
for block in "$root"/srv/walk/*.sh; do
    name=$(basename "$block" .sh)
    echo "== $name"
    # What may be asked of who types: the token.
    echo '424242:a-token-for-the-walk' | inside bash -euo pipefail "/srv/walk/$name.sh" > "$WALK_INSIDE/log" 2>&1 || {
        status=$?
        sed 's/^/   /' "$block" "$WALK_INSIDE/log"
        tail -n 30 "$root"/run/walk/*.log
        echo "failed: $name, status $status"
        exit 1
    }
    case $name in
    *Give-it-its-settings*)
        echo 'BUURTSTEM_TELEGRAM_API_URL=http://127.0.0.1:8081' >> "$root/etc/buurtstem/buurtstem.env"
        (cd "$root" && inside bash -c 'cd /opt/buurtstem && exec .venv/bin/python -m simulator --port 8081' \
            > "$root/run/walk/telegram.log" 2>&1 < /dev/null) &
        ;;
    esac
    if grep -q '^buurtstem doctor' "$block"; then
        sed -n '/^wrong\|^todo\|^ok/s/^/   /p' "$WALK_INSIDE/log"
        inside bash -c 'cd /opt/buurtstem && exec .venv/bin/python /srv/walk/resident.py' | sed 's/^/   /'
    fi
done
echo "walked: $(ls "$root"/srv/walk/*.sh | wc -l) blocks of docs/operations.md, each with status 0"
