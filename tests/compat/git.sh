# git: commit, merge with a conflict, rebase, gc, fsck, clone and push with hooks, a pager that stops reading, a killed commit.
# needs: git
# sees: git
export GIT_CONFIG_GLOBAL=$HOME/config GIT_CONFIG_NOSYSTEM=1 GIT_EDITOR=true
export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'
git config --global user.name N && git config --global user.email n@example.org && git config --global init.defaultBranch main
how git init -q a && cd a
seq 40000 >numbers && git add . && how git commit -qm one
git checkout -qb side && sed -i 's/^500$/half/' numbers && git commit -qam side
git checkout -q main && sed -i 's/^500$/middle/' numbers && git commit -qam main
how git merge side; git diff | tail -n +6; sed -i '/^[<=>]\{7\}/d' numbers; git add . && how git commit -qm merged
git checkout -qb topic HEAD~1 && for i in 1 2 3; do echo $i >file$i && git add . && git commit -qm topic$i; done
how git rebase -q main && how git gc -q --prune=now && how git fsck --no-progress && git log --oneline --graph
how git bisect start HEAD HEAD~3 >/dev/null && how git bisect run sh -c 'test ! -e file2' | grep 'first bad'
git bisect reset >/dev/null 2>&1; git checkout -q main
cd .. && how git clone -q a b 2>&1 && how git clone -q --bare a c.git && git -C b remote add c ../c.git
printf '#!/bin/sh\necho refused >&2\nexit 1\n' >c.git/hooks/pre-receive && chmod +x c.git/hooks/pre-receive
cd b && git commit -q --allow-empty -m pushed && how git push -q c main 2>&1 | grep -v '^To'
rm ../c.git/hooks/pre-receive && how git push -q c main && git -C ../c.git log -1 --format='%H %s'
how git ls-remote ../c.git
printf '#!/bin/sh\nls .git/*.lock\nkill -TERM $PPID\nwhile kill -0 $PPID 2>/dev/null; do sleep 0.05; done\n' >.git/hooks/pre-commit && chmod +x .git/hooks/pre-commit
echo x >>numbers; how git commit -qam killed; rm .git/hooks/pre-commit; ls .git/*.lock 2>&1 | cut -c1-10; how git status -s; git checkout -q .
how script -qec "how git -c core.pager='head -n 1' log -p --format=%s" /dev/null
how script -qec "how git -c core.pager='cat; exit 3' log -1 --format=%s" /dev/null
how git log -p --format=%s | head -n 1
how git show nothing; how git -c alias.x='!exit 5' x; how git no-such-command 2>&1 | head -n 1
how git archive HEAD | tar -t; how git grep -c half; git cat-file --batch-all-objects --batch-check | wc -l
