import { sample } from './all-trees.ts'
import { inDocker } from './surroundings.ts'
import { testTrees } from './test-trees.ts'
import { inits } from './trees/inits.ts'
import { services } from './trees/services.ts'

// Without sys_ptrace the executable of another user's process cannot be read: those who change users, above all.
testTrees([...new Set([...inits, ...services, ...sample(2)])], inDocker)
