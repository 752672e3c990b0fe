import { ALL_TREES } from './all-trees.ts'
import { notAsPid1 } from './surroundings.ts'
import { testTrees } from './test-trees.ts'

testTrees(Object.values(ALL_TREES).flat(), notAsPid1)
