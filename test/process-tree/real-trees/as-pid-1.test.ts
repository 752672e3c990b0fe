import { ALL_TREES } from './all-trees.ts'
import { asPid1 } from './surroundings.ts'
import { testTrees } from './test-trees.ts'

testTrees(Object.values(ALL_TREES).flat(), asPid1)
